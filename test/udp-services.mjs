// UDP services that answer only what their protocol calls a question: `node udp-services.mjs 53,123,161 515,9100`. The ports
// of the second list answer nothing. Says "ready" when all listen, then one line for each datagram: its port, its bytes,
// and whether it was understood. Ends with its standard input.
import { createSocket } from "node:dgram";
import { existsSync } from "node:fs";
import process from "node:process";

const [answering = "", silent = ""] = process.argv.slice(2);
const portsOf = (text) => text.split(",").filter(Boolean).map(Number);

/** RFC 1035 §4.1.1: a query, of one question, with a name that ends and a type and class behind it. */
function answerDns(query) {
  if (query.length < 17 || (query[2] & 0x80) !== 0 || query.readUInt16BE(4) !== 1) return undefined;
  let at = 12;
  while (at < query.length && query[at] !== 0) at += 1 + query[at];
  if (at + 5 !== query.length) return undefined;
  const answer = Buffer.from(query);
  answer[2] |= 0x80;
  answer[3] = 5; // refused
  return answer;
}

/** RFC 5905 §7.3: mode 3 of version 3 or 4, 48 bytes. */
function answerNtp(query) {
  const version = (query[0] >> 3) & 7;
  if (query.length !== 48 || (query[0] & 7) !== 3 || version < 3 || version > 4) return undefined;
  const answer = Buffer.alloc(48);
  answer[0] = (version << 3) | 4;
  query.copy(answer, 24, 40, 48);
  return answer;
}

/** RFC 3412 §6 and RFC 1157 §4: a sequence as long as the datagram, that begins with the version. */
function answerSnmp(query) {
  if (query.length < 20 || query[0] !== 0x30 || query[1] + 2 !== query.length) return undefined;
  return query[2] === 2 && query[3] === 1 && [0, 1, 3].includes(query[4]) ? query : undefined;
}

const SERVICES = new Map([
  [53, answerDns],
  [123, answerNtp],
  [161, answerSnmp],
]);

function listen(port, answerOf) {
  const socket = createSocket(existsSync("/proc/net/if_inet6") ? "udp6" : "udp4");
  socket.on("message", (bytes, from) => {
    const answer = bytes.length === 0 ? undefined : answerOf(bytes);
    process.stdout.write(`${port} ${bytes.length} ${answer === undefined ? "silent" : "answered"}\n`);
    if (answer !== undefined) socket.send(answer, from.port, from.address, () => {});
  });
  return new Promise((resolve, reject) => {
    socket.once("error", reject);
    socket.bind(port, resolve);
  });
}

process.stdin.on("end", () => process.exit(0)).on("error", () => process.exit(0));
process.stdin.resume();
await Promise.all([
  ...portsOf(answering).map((port) => listen(port, SERVICES.get(port) ?? (() => undefined))),
  ...portsOf(silent).map((port) => listen(port, () => undefined)),
]);
process.stdout.write("ready\n");
