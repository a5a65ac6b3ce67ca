// A name server for addresses: `node name-server.mjs 10.9.0.254 '{"10.10.0.10":"plain.lab"}'` answers PTR questions (RFC 1035
// §3.5 and §4, RFC 3596 §2.5) for the addresses that it knows, and says of all others that they have no name. Says "ready",
// then the name of each question. Ends with its standard input.
import { createSocket } from "node:dgram";
import process from "node:process";

const [address = "", text = "{}"] = process.argv.slice(2);

/** The name that stands for an address; IPv6 addresses are given in full. */
function arpaName(ip) {
  if (!ip.includes(":")) return `${ip.split(".").reverse().join(".")}.in-addr.arpa`;
  const [head = "", tail = ""] = ip.split("::");
  const left = head.split(":").filter(Boolean);
  const right = tail.split(":").filter(Boolean);
  const groups = [...left, ...Array.from({ length: 8 - left.length - right.length }, () => "0"), ...right];
  const digits = groups.map((group) => group.padStart(4, "0")).join("");
  return `${[...digits].reverse().join(".")}.ip6.arpa`;
}

const names = new Map(Object.entries(JSON.parse(text)).map(([ip, name]) => [arpaName(ip), name]));

/** The labels of the question, and where they end. */
function readName(query) {
  const labels = [];
  let at = 12;
  while (at < query.length && query[at] !== 0) {
    labels.push(query.toString("latin1", at + 1, at + 1 + query[at]));
    at += 1 + query[at];
  }
  return { name: labels.join(".").toLowerCase(), end: at + 5 };
}

function writeName(name) {
  const labels = name.split(".").map((label) => Buffer.from([label.length, ...Buffer.from(label)]));
  return Buffer.concat([...labels, Buffer.from([0])]);
}

function answer(query) {
  const { name, end } = readName(query);
  process.stdout.write(`${name}\n`);
  const host = names.get(name);
  const head = Buffer.from(query.subarray(0, end));
  head.writeUInt16BE(host === undefined ? 0x8583 : 0x8580, 2); // answer, authoritative; 3: there is no such name
  head.writeUInt16BE(host === undefined ? 0 : 1, 6);
  head.writeUInt32BE(0, 8);
  if (host === undefined) return head;
  const data = writeName(host);
  const record = Buffer.from([0xc0, 12, 0, 12, 0, 1, 0, 0, 0, 60, 0, data.length]);
  return Buffer.concat([head, record, data]);
}

const socket = createSocket(address.includes(":") ? "udp6" : "udp4");
socket.on("message", (query, from) => {
  if (query.length > 17) socket.send(answer(query), from.port, from.address, () => {});
});
process.stdin.on("end", () => process.exit(0)).on("error", () => process.exit(0));
process.stdin.resume();
socket.bind(53, address, () => process.stdout.write("ready\n"));
