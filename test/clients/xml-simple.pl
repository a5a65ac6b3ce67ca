# Reads an XML report by XML::Simple (Debian: libxml-simple-perl), as many small scripts do. Argument: the file.
use strict;
use warnings;
use JSON::PP;
use XML::Simple;

my $report = XMLin( $ARGV[0], ForceArray => [qw(host address port hostname)], KeyAttr => [] );
my %seen;
for my $host ( @{ $report->{host} || [] } ) {
    my %ports = map { ( "$_->{portid}/$_->{protocol}" => $_->{state}{state} ) } @{ $host->{ports}{port} || [] };
    $seen{ $host->{address}[0]{addr} } = { state => $host->{status}{state}, ports => \%ports };
}
print encode_json( { hosts => \%seen, scanner => $report->{scanner}, up => $report->{runstats}{hosts}{up} } );
