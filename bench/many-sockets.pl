# Many processes with many sockets each, for the row INSIDE: many-sockets.pl PROCESSES SOCKETS. Half of the sockets listen for
# TCP, the others wait for UDP, on addresses of 127.0.0.0/8. Prints "ready" when all are there. Nothing is sent. All end with
# the first process, however it ends, and that by itself.
use strict;
use warnings;
use Socket;

my ($processes, $sockets) = @ARGV;
my $seconds_max = 300;
$| = 1;
# Nothing is ever written here: a read returns when the first process, which alone could write, has ended.
pipe(my $life, my $alive) or die "pipe: $!";
for my $number (1 .. $processes) {
    pipe(my $ready, my $done) or die "pipe: $!";
    my $pid = fork;
    die "fork: $!" unless defined $pid;
    if ($pid != 0) {
        close $done;
        sysread($ready, my $byte, 1) == 1 or die "process $number has no sockets";
        next;
    }
    alarm $seconds_max;
    close $ready;
    close $alive;
    my @held;
    my $address = inet_aton(sprintf "127.%d.%d.1", $number >> 8, $number & 255);
    for my $each (1 .. $sockets) {
        my $is_tcp = $each % 2;
        socket(my $socket, PF_INET, $is_tcp ? SOCK_STREAM : SOCK_DGRAM, 0) or die "socket: $!";
        bind($socket, sockaddr_in(0, $address)) or die "bind: $!";
        listen($socket, 5) or die "listen: $!" if $is_tcp;
        push @held, $socket;
    }
    syswrite $done, "x";
    close $done;
    sysread $life, my $nothing, 1;
    exit 0;
}
alarm $seconds_max;
print "ready\n";
sleep;
