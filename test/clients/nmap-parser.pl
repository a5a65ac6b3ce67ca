# Scans by Nmap::Parser (Debian: libnmap-parser-perl) and says what it saw. Arguments: nmap's path, its options, then hosts.
use strict;
use warnings;
use JSON::PP;
use Nmap::Parser;

my ( $path, $options, @hosts ) = @ARGV;
my $parser = Nmap::Parser->new;
$parser->parsescan( $path, $options, @hosts );

my %seen;
for my $host ( $parser->all_hosts ) {
    my ( %ports, %services );
    for my $protocol (qw(tcp udp)) {
        my ( $states, $named ) =
          $protocol eq 'tcp' ? ( 'tcp_port_state', 'tcp_service' ) : ( 'udp_port_state', 'udp_service' );
        my @numbers = $protocol eq 'tcp' ? $host->tcp_ports : $host->udp_ports;
        for my $number (@numbers) {
            $ports{"$number/$protocol"}    = $host->$states($number);
            $services{"$number/$protocol"} = $host->$named($number)->name;
        }
    }
    $seen{ $host->addr } =
      { state => $host->status, ports => \%ports, services => \%services, mac => $host->mac_addr };
}
my $session = $parser->get_session;
print encode_json(
    {
        hosts   => \%seen,
        version => $session->nmap_version,
        args    => $session->scan_args,
        finish  => $session->finish_time,
        error   => $session->xml_version,
    }
);
