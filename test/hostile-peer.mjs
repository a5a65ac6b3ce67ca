// A host that lies: answers every SYN with forged, damaged and repeated frames. Started by hostile.test.ts in the lab,
// as `node hostile-peer.mjs INTERFACE_INDEX`. It writes its packets by itself (RFC 791, 793, 792, 1071), so that a
// mistake in postern's own packet code cannot hide behind the same mistake here.
import process from "node:process";
import koffi from "koffi";

const libc = koffi.load("libc.so.6");
const socket = libc.func("int socket(int, int, int)");
const bind = libc.func("int bind(int, _In_ uint8_t *, int)");
const recv = libc.func("int64_t recv(int, _Out_ uint8_t *, size_t, int)");
const send = libc.func("int64_t send(int, _In_ uint8_t *, size_t, int)");

const ETHERNET = 14;
const IP = 20;
const [SYN, RST, ACK] = [0x02, 0x04, 0x10];
/** Ports that answer truly, but three times. */
const [OPEN_THRICE, CLOSED_THRICE] = [90, 91];

function checksum(bytes, start = 0) {
  let sum = start;
  for (let at = 0; at < bytes.length; at += 2) sum += (bytes[at] << 8) | (bytes[at + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

function ipPacket(protocol, source, target, payload) {
  const head = Buffer.alloc(IP);
  head[0] = 0x45;
  head.writeUInt16BE(IP + payload.length, 2);
  head[8] = 64;
  head[9] = protocol;
  source.copy(head, 12);
  target.copy(head, 16);
  head.writeUInt16BE(checksum(head), 10);
  return Buffer.concat([head, payload]);
}

function tcp(source, target, { from, to, sequence, ack, flags, damage = 0 }) {
  const head = Buffer.alloc(20);
  head.writeUInt16BE(from, 0);
  head.writeUInt16BE(to, 2);
  head.writeUInt32BE(sequence >>> 0, 4);
  head.writeUInt32BE(ack >>> 0, 8);
  head[12] = 0x50;
  head[13] = flags;
  head.writeUInt16BE(1024, 14);
  const pseudo = Buffer.concat([source, target, Buffer.from([0, 6, 0, head.length]), head]);
  head.writeUInt16BE(checksum(pseudo) ^ damage, 16);
  return ipPacket(6, source, target, head);
}

/** ICMP port unreachable that quotes this packet. */
function unreachable(source, target, quote, damage = 0) {
  const message = Buffer.concat([Buffer.from([3, 3, 0, 0, 0, 0, 0, 0]), quote]);
  message.writeUInt16BE(checksum(message) ^ damage, 2);
  return ipPacket(1, source, target, message);
}

/** A frame's interesting parts; undefined when it is no SYN to us. */
function readSyn(frame, ownMac) {
  if (frame.length < ETHERNET + IP + 20 || frame.readUInt16BE(12) !== 0x0800) return undefined;
  if (ownMac !== undefined && !frame.subarray(0, 6).equals(ownMac)) return undefined;
  const packet = frame.subarray(ETHERNET, ETHERNET + frame.readUInt16BE(ETHERNET + 2));
  if (packet[9] !== 6 || packet[0] !== 0x45 || packet[IP + 13] !== SYN) return undefined;
  return {
    packet,
    ours: Buffer.from(packet.subarray(16, 20)),
    theirs: Buffer.from(packet.subarray(12, 16)),
    from: packet.readUInt16BE(IP),
    port: packet.readUInt16BE(IP + 2),
    sequence: packet.readUInt32BE(IP + 4),
  };
}

/** Every lie about a port: none of them may be believed. */
function lies({ packet, ours, theirs, from, port, sequence }) {
  const base = { from: port, to: from, sequence: 1, ack: sequence + 1, flags: SYN | ACK };
  const answer = (change) => tcp(ours, theirs, { ...base, ...change });
  const whole = answer({});
  const stranger = Buffer.from([10, 9, 0, 99]);
  const altered = Buffer.from(packet.subarray(0, IP + 8));
  altered.writeUInt32BE((sequence ^ 0x5a5a5a5a) >>> 0, IP + 4);
  const tooLong = Buffer.from(whole);
  tooLong.writeUInt16BE(400, 2); // says more than there is
  tooLong.writeUInt16BE(0, 10);
  tooLong.writeUInt16BE(checksum(tooLong.subarray(0, IP)), 10);
  const options = Buffer.from(whole);
  options[IP + 12] = 0xf0; // a header longer than the packet
  const badHead = Buffer.from(whole);
  badHead[10] ^= 0xff; // wrong checksum of the IP header
  return [
    answer({ ack: sequence }), // acknowledges nothing
    answer({ ack: sequence + 2 }),
    answer({ ack: sequence + 1000, flags: RST | ACK }),
    answer({ ack: 0, flags: RST | ACK }),
    answer({ ack: 0, flags: RST }),
    answer({ damage: 0x1234 }), // wrong checksum
    answer({ flags: RST | ACK, damage: 0x1234 }),
    answer({ to: from ^ 1 }), // to a port that asked nothing
    answer({ flags: ACK }), // no answer to a SYN at all
    answer({ flags: SYN | RST | ACK, ack: sequence + 7 }),
    tcp(stranger, theirs, base), // from an address that was not asked
    tcp(stranger, theirs, { ...base, flags: RST | ACK }),
    whole.subarray(0, IP + 10), // cut within TCP
    whole.subarray(0, IP - 4), // cut within IP
    tooLong,
    options,
    badHead,
    unreachable(ours, theirs, altered), // quotes a probe that was never sent
    unreachable(ours, theirs, packet.subarray(0, IP + 4)), // quotes too little
    unreachable(ours, theirs, packet.subarray(0, IP + 8), 0x1234), // wrong checksum
    unreachable(ours, theirs, Buffer.alloc(0)),
  ];
}

function truths({ ours, theirs, from, port, sequence }) {
  const flags = port === OPEN_THRICE ? SYN | ACK : RST | ACK;
  return Array(3).fill(tcp(ours, theirs, { from: port, to: from, sequence: 1, ack: sequence + 1, flags }));
}

const fd = socket(17, 3, 0x0008); // AF_PACKET, SOCK_RAW, htons(ETH_P_IP)
const address = Buffer.alloc(20); // struct sockaddr_ll
address.writeUInt16LE(17, 0);
address.writeUInt16BE(0x0800, 2);
address.writeInt32LE(Number(process.argv[2]), 4);
if (fd < 0 || bind(fd, address, address.length) < 0) throw new Error("no packet socket");
process.stdout.write("ready\n");

const frame = Buffer.alloc(2048);
let ownMac;
for (;;) {
  const bytes = recv(fd, frame, frame.length, 0);
  const syn = bytes < 0 ? undefined : readSyn(frame.subarray(0, bytes), ownMac);
  if (syn === undefined) continue;
  ownMac ??= Buffer.from(frame.subarray(0, 6));
  const head = Buffer.concat([frame.subarray(6, 12), frame.subarray(0, 6), Buffer.from([8, 0])]);
  const isTrue = syn.port === OPEN_THRICE || syn.port === CLOSED_THRICE;
  for (const packet of isTrue ? truths(syn) : lies(syn)) {
    const out = Buffer.concat([head, packet]);
    send(fd, out, out.length, 0);
  }
}
