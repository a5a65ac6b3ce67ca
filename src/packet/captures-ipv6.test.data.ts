// More frames captured for the tests of packet/: IPv6, UDP and SCTP, of Linux 6.18 and nmap 7.93, between two network
// namespaces with no way out, pn-pk6-a (fd00:62::1, 10.98.0.1) and pn-pk6-b (fd00:62::2, 10.98.0.2), joined by a veth
// pair, by `ip netns exec pn-pk6-a tcpdump -i pn-v6a -w a.pcap`; each with the command, run in pn-pk6-a.

function fromHex(...lines: string[]): Uint8Array {
  return Uint8Array.from(Buffer.from(lines.join(""), "hex"));
}

/** Two records of MLDv2, sent from :: when pn-pk6-a's interface comes up. `ip link set pn-v6a up` */
export const MLD_REPORT_FRAME: Uint8Array = fromHex(
  "33330000001602000a62000186dd",
  "600000000038000100000000000000000000000000000000ff020000000000000000000000000016",
  "3a00050200000100",
  "8f006d0c0000000204000000ff0200000000000000000001ff62000104000000ff0200000000000000000001ff000001",
);
/** Is my address taken? From ::, with a nonce (RFC 7527) and no link-layer address. `ip link set pn-v6a up` */
export const DUPLICATE_CHECK_FRAME: Uint8Array = fromHex(
  "3333ff62000102000a62000186dd",
  "6000000000203aff00000000000000000000000000000000ff0200000000000000000001ff620001",
  "8700464a00000000fe8000000000000000000afffe6200010e01c38000ec59a1",
);
/** Asked by the kernel for the first echo; who has fd00:62::2? */
export const NEIGHBOUR_SOLICITATION_FRAME: Uint8Array = fromHex(
  "3333ff00000202000a62000186dd",
  "6000000000203afffd000062000000000000000000000001ff0200000000000000000001ff000002",
  "8700727100000000fd000062000000000000000000000002010102000a620001",
);
/** Its answer, from pn-pk6-b. */
export const NEIGHBOUR_ADVERTISEMENT_FRAME: Uint8Array = fromHex(
  "02000a62000102000a62000286dd",
  "6000000000203afffd000062000000000000000000000002fd000062000000000000000000000001",
  "8800111260000000fd000062000000000000000000000002020102000a620002",
);
/**
 * Echo request, identifier 0x1234, sequence 1, data 0 to 15.
 * `python3: socket(AF_INET6, SOCK_RAW, IPPROTO_ICMPV6).sendto(echo, ("fd00:62::2", 0))`
 */
export const ECHO6_FRAME: Uint8Array = fromHex(
  "02000a62000202000a62000186dd",
  "600219f400183a40fd000062000000000000000000000001fd000062000000000000000000000002",
  "80003a6f12340001000102030405060708090a0b0c0d0e0f",
);
/** Its answer. */
export const ECHO6_REPLY_FRAME: Uint8Array = fromHex(
  "02000a62000102000a62000286dd",
  "600f25aa00183a40fd000062000000000000000000000002fd000062000000000000000000000001",
  "8100396f12340001000102030405060708090a0b0c0d0e0f",
);
/**
 * "abc" to port 9, with a good checksum.
 * `nmap -6 -n -Pn -sU -p 9 --data-string abc --max-retries 0 fd00:62::2`
 */
export const UDP6_FRAME: Uint8Array = fromHex(
  "02000a62000202000a62000186dd",
  "60000000000b11fffd000062000000000000000000000001fd000062000000000000000000000002",
  "aaf80009000b95ab616263",
);
/** Port unreachable, which quotes it whole. */
export const PORT_UNREACHABLE6_FRAME: Uint8Array = fromHex(
  "02000a62000102000a62000286dd",
  "6009af11003b3a40fd000062000000000000000000000002fd000062000000000000000000000001",
  "010491cf00000000",
  "60000000000b11fffd000062000000000000000000000001fd000062000000000000000000000002",
  "aaf80009000b95ab616263",
);
/**
 * The last of two fragments, of 1,600 bytes "x" to port 9.
 * `python3 -c "from socket import *; socket(AF_INET6, SOCK_DGRAM).sendto(b'x' * 1600, ('fd00:62::2', 9))"`
 */
export const LAST_FRAGMENT_FRAME: Uint8Array = fromHex(
  "02000a62000202000a62000186dd",
  "600d37a700a82c40fd000062000000000000000000000001fd000062000000000000000000000002",
  "110005a841c8e5b2",
  "78".repeat(160),
);
/**
 * Hop-by-hop and destination options before "abc" to port 10. `python3: s.setsockopt(IPPROTO_IPV6, IPV6_HOPOPTS,
 * bytes([0, 0, 1, 4, 0, 0, 0, 0]))`, the same with `IPV6_DSTOPTS`, `s.sendto(b"abc", ("fd00:62::2", 10))`
 */
export const OPTIONS_FRAME: Uint8Array = fromHex(
  "02000a62000202000a62000186dd",
  "6002cf2a001b0040fd000062000000000000000000000001fd000062000000000000000000000002",
  "3c00010400000000",
  "1100010400000000",
  "892a000a000bb778616263",
);
/** "abc" to port 9. `nmap -n -Pn -sU -p 9 --data-string abc --send-ip --disable-arp-ping 10.98.0.2` */
export const UDP_FRAME: Uint8Array = fromHex(
  "02000a62000202000a6200010800",
  "4500001fea6900002611959e0a6200010a620002",
  "c13a0009000b656b616263",
);
/** INIT to port 7. `nmap -n -Pn -sY -p 7 --send-ip --disable-arp-ping 10.98.0.2` */
export const SCTP_INIT_FRAME: Uint8Array = fromHex(
  "02000a62000202000a6200010800",
  "450000344bfd0000258434830a6200010a620002",
  "e3000007000000004a0af1640100001450515e3300008000000a08005f535ab1",
);
/** COOKIE ECHO to port 7. `nmap -n -Pn -sZ -p 7 --send-ip --disable-arp-ping 10.98.0.2` */
export const SCTP_COOKIE_ECHO_FRAME: Uint8Array = fromHex(
  "02000a62000202000a6200010800",
  "4500002815a10000288467eb0a6200010a620002",
  "ba7f000741821d8002272cf60a0000088c91995b",
);
/**
 * Parameter problem, next header unknown, at octet 6; quotes an INIT to port 7 whole.
 * `nmap -6 -n -Pn -sY -p 7 fd00:62::2`, where the kernel has no SCTP
 */
export const PARAMETER_PROBLEM6_FRAME: Uint8Array = fromHex(
  "02000a62000102000a62000286dd",
  "60021a7500503a40fd000062000000000000000000000002fd000062000000000000000000000001",
  "040173ff00000006",
  "60000000002084fffd000062000000000000000000000001fd000062000000000000000000000002",
  "c154000700000000c6bd68d601000014b6da7cca00008000000a0800786f869a",
);
