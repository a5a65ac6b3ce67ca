// Frames captured for the tests of packet/: Linux's and nmap 7.93's, between two network namespaces with no way out,
// pn-pkt-a (10.98.0.1) and pn-pkt-b (10.98.0.2, listening on 8080), joined by a veth pair, by
// `ip netns exec pn-pkt-a tcpdump -i pn-pkt-va -w a.pcap 'arp or ip'`; each with the command, run in pn-pkt-a.

function fromHex(...lines: string[]): Uint8Array {
  return Uint8Array.from(Buffer.from(lines.join(""), "hex"));
}

/**
 * Asked by the kernel for the first connect(); who has 10.98.0.2?
 * `python3 -c "import socket; socket.create_connection(('10.98.0.2', 8080))"`
 */
export const ARP_REQUEST_FRAME: Uint8Array = fromHex(
  "ffffffffffff02000a6200010806",
  "000108000604000102000a6200010a6200010000000000000a620002",
);
/** Its answer, from pn-pkt-b. */
export const ARP_REPLY_FRAME: Uint8Array = fromHex(
  "02000a62000102000a6200020806",
  "000108000604000202000a6200020a62000202000a6200010a620001",
);
/** Same connect(): a SYN of Linux, whose checksum the veth leaves unfinished. */
export const KERNEL_SYN_FRAME: Uint8Array = fromHex(
  "02000a62000202000a6200010800",
  "4500003c3c1240004006e9e30a6200010a62000299e41f90ebc0fc1100000000a002faf014f50000",
  "020405b40402080a16db8c7a000000000103030a",
);
/** Its SYN-ACK, all usual options, checksum unfinished too. */
export const KERNEL_SYN_ACK_FRAME: Uint8Array = fromHex(
  "02000a62000102000a6200020800",
  "4500003c00004000400625f60a6200020a6200011f9099e4a29ad7cdebc0fc12a012fe8814f50000",
  "020405b40402080aba032e3116db8c7a0103030a",
);
/** 6 bytes of data, "hello\n", sent by the listener on that connection. */
export const DATA_FRAME: Uint8Array = fromHex(
  "02000a62000102000a6200020800",
  "4500003acec24000400657350a6200020a6200011f9099e4a29ad7ceebc0fc128018004014f30000",
  "0101080aba032e3116db8c7a68656c6c6f0a",
);
/**
 * Port unreachable, which quotes a UDP datagram to port 9 whole.
 * `python3 -c "from socket import *; socket(AF_INET, SOCK_DGRAM).sendto(b'abc', ('10.98.0.2', 9))"`
 */
export const PORT_UNREACHABLE_FRAME: Uint8Array = fromHex(
  "02000a62000102000a6200020800",
  "45c0003b19bc000040014b800a6200020a62000103033718000000004500001f4af140004011db16",
  "0a6200010a620002ec8a0009000b14e3616263",
);
/**
 * Echo request, identifier 0x1234, sequence 1, data 0 to 15.
 * `python3: socket(AF_INET, SOCK_RAW, IPPROTO_ICMP).sendto(echo with its checksum, ("10.98.0.2", 0))`
 */
export const ECHO_FRAME: Uint8Array = fromHex(
  "02000a62000202000a6200010800",
  "4500002c12344000400113d70a6200010a6200020800ad8a12340001000102030405060708090a0b",
  "0c0d0e0f",
);
/** Its answer. */
export const ECHO_REPLY_FRAME: Uint8Array = fromHex(
  "02000a62000102000a6200020800",
  "4500002c19f6000040014c150a6200020a6200010000b58a12340001000102030405060708090a0b",
  "0c0d0e0f",
);
/**
 * nmap's timestamp request, originate time 0.
 * `nmap -n -sn -PP --send-ip --disable-arp-ping 10.98.0.2`
 */
export const TIMESTAMP_FRAME: Uint8Array = fromHex(
  "02000a62000202000a6200010800",
  "450000289c7c00003101d8920a6200010a6200020d002ff0c30f0000000000000000000000000000",
);
/** Its answer, by the kernel, at 15:24:44.035 UT. */
export const TIMESTAMP_REPLY_FRAME: Uint8Array = fromHex(
  "02000a62000102000a6200020800",
  "4500002819cb000040014c440a6200020a6200010e00eb4cc30f000000000000034e9e83034e9e83",
);
/**
 * nmap's SYN, with a good checksum and a segment size.
 * `nmap -n -Pn -sS -p 8080,81 --send-ip --disable-arp-ping 10.98.0.2`
 */
export const NMAP_SYN_FRAME: Uint8Array = fromHex(
  "02000a62000202000a6200010800",
  "4500002cf5c800002b06853d0a6200010a62000283241f90c72fefdf0000000060020400259c0000",
  "020405b4",
);
/** The kernel's RST for the SYN-ACK that nmap's SYN to port 8080 brought. */
export const RST_FRAME: Uint8Array = fromHex(
  "02000a62000202000a6200010800",
  "45000028000040004006260a0a6200010a62000283241f90c72fefe0000000005004000041550000",
);
/** RST-ACK of the closed port 81. */
export const RST_ACK_FRAME: Uint8Array = fromHex(
  "02000a62000102000a6200020800",
  "45000028000040004006260a0a6200020a6200010051832400000000c72fefe05014000060840000",
);
/**
 * Communication administratively prohibited, quotes a SYN whole.
 * `ip -n pn-pkt-b route add prohibit 10.98.7.0/24; nmap -n -Pn -sS -p 443 --send-ip --disable-arp-ping 10.98.7.1`
 */
export const PROHIBITED_FRAME: Uint8Array = fromHex(
  "02000a62000102000a6200020800",
  "45c000485b7a0000400109b50a6200020a620001030d18d7000000004500002c51eb00002e061f1c",
  "0a6200010a620701ae6101bb7aa5cd610000000060020400803d0000020405b4",
);
/**
 * Time exceeded in transit, quotes a SYN whole; 10.98.8.0/24 is routed through pn-pkt-b.
 * `nmap -n -Pn -sS -p 443 --ttl 1 --send-ip --disable-arp-ping 10.98.8.1`
 */
export const TIME_EXCEEDED_FRAME: Uint8Array = fromHex(
  "02000a62000102000a6200020800",
  "45c000485b860000400109a90a6200020a6200010b0011e4000000004500002ca79200000106f574",
  "0a6200010a620801c70b01bbfa0d77b100000000600204003cdb0000020405b4",
);
