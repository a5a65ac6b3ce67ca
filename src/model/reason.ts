// What was seen that led to a state. The words are nmap's where nmap has one (nmap reference guide, --reason).

/** Every reason with what it says to a reader. The order is the reason's number in compact rows: append only. */
export const REASONS = {
  "syn-ack": "a SYN-ACK came back",
  reset: "a RST came back",
  "conn-accepted": "the connection was established",
  "conn-refused": "the connection was refused: a RST, or an ICMP port unreachable",
  "no-response": "nothing came back to any try",
  "net-unreach": "ICMP: network unreachable",
  "host-unreach": "ICMP: host unreachable",
  "proto-unreach": "ICMP: protocol unreachable",
  "port-unreach": "ICMP: port unreachable",
  "net-prohibited": "ICMP: network administratively prohibited",
  "host-prohibited": "ICMP: host administratively prohibited",
  "admin-prohibited": "ICMP: communication administratively prohibited",
  "dest-unreach": "ICMP: destination unreachable, another code",
  "time-exceeded": "ICMP: time exceeded on the way",
  "echo-reply": "an ICMP echo reply came back",
  "timestamp-reply": "an ICMP timestamp reply came back",
  "arp-response": "an ARP reply came back",
  "localhost-response": "the address is this machine's own",
  "user-set": "taken as up because -Pn says so",
  "no-route": "this machine has no route to the address",
  "local-firewall": "this machine's own firewall refused to send the probe",
  "no-response-lossy": "nothing came back, on a path that lost other packets",
  "udp-response": "a UDP datagram came back",
  "proto-response": "a packet of that IP protocol came back",
  "init-ack": "an SCTP INIT ACK came back",
  abort: "an SCTP ABORT came back",
  "addressmask-reply": "an ICMP address mask reply came back",
  "nd-response": "a neighbour advertisement came back",
  "reset-by-other": "a RST came back in the host's name, from a firewall or somebody else on the way",
  "beyond-scope": "ICMPv6: the target lies beyond the scope of the source address",
  // From here on: only in reports that were read.
  "unknown-response": "something came back that the report has no word for, or one that is not known here",
  "not-recorded": "the report does not say what was seen",
  "tcp-response": "a TCP segment came back",
  "split-handshake-syn": "a SYN came back, as if the other side had begun",
  "perm-denied": "the system of the scanning machine refused to send the probe",
  "source-quench": "ICMP: source quench",
  "reject-route": "ICMPv6: the route to the address refuses packets",
  "param-problem": "ICMP: parameter problem",
  "ipid-change": "the zombie of an idle scan has sent a packet",
  "no-ipid-change": "the zombie of an idle scan has sent nothing",
  "script-set": "a script of nmap's has set the state",
  // From here on: of the host that the report was made on, by its own kernel.
  listening: "a socket waits there, by the word of the host's own kernel",
  "not-listening": "no socket waits there, by the word of the host's own kernel",
} as const;

/** The evidence for a state, in one word. */
export type Reason = keyof typeof REASONS;

/** The reasons in the order of their numbers. */
export const REASON_NAMES: readonly Reason[] = Object.keys(REASONS) as Reason[];
