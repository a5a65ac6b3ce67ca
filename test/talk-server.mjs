// Servers that behave in one way each, for postern connect: `node talk-server.mjs KEY.pem CERT.pem`. Plain JavaScript,
// because Node 20 runs it without a loader. Says "ready" when all listen; ends with its standard input, at the latest
// after ten minutes.
import { createHash } from "node:crypto";
import { createSocket } from "node:dgram";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import process from "node:process";
import { createServer as createTlsServer } from "node:tls";

const LIFE_MS = 600_000;
const [, , keyFile = "", certificateFile = ""] = process.argv;
const [IAC, DO, WILL, ECHO] = [255, 253, 251, 1];

/** What each port does with a connection. @type {Record<number, (socket: import("node:net").Socket) => void>} */
const BEHAVIOURS = {
  // Reads to the end, then says what it was.
  4001: (socket) => {
    const hash = createHash("sha256");
    socket.on("data", (chunk) => hash.update(chunk));
    socket.on("end", () => socket.end(`${hash.digest("hex")}\n`));
  },
  // Sends a megabyte that never repeats for long, and ends.
  4002: (socket) =>
    socket.end(Buffer.from(Array.from({ length: 1 << 20 }, (_, at) => (at * 7 + (at >> 8) * 13) & 255))),
  // Negotiates without end, and counts the bytes that it gets for it.
  4003: (socket) => {
    let answerBytes = 0;
    socket.on("data", (chunk) => {
      answerBytes += chunk.length;
    });
    const question = Buffer.from(Array.from({ length: 4096 }, (_, at) => [IAC, WILL, 40 + (at % 200)]).flat());
    let left = 50;
    const ask = () => {
      if (left-- > 0) socket.write(question, () => setTimeout(ask, 5));
      else socket.end(`answered with ${answerBytes} bytes\r\n`);
    };
    ask();
  },
  // Never says anything.
  4004: (socket) => socket.resume(),
  // Everything that moves cursors, and a character in two pieces.
  4005: (socket) => {
    socket.write(Buffer.from("\x1b]0;owned\x07\x1b[2Jreal\rfake\x9b31m ", "latin1"));
    socket.write(Buffer.from([0xc3]));
    setTimeout(() => socket.end(Buffer.concat([Buffer.from([0xa4]), Buffer.from("\u202e\r\nend\r\n")])), 50);
  },
  // Sends back what it gets.
  4006: (socket) => socket.pipe(socket),
  // Ends its half at once, and reads on: says how much came on its standard error.
  4007: (socket) => {
    let byteCount = 0;
    socket.end("first\n");
    socket.on("data", (chunk) => {
      byteCount += chunk.length;
    });
    socket.on("end", () => process.stderr.write(`half-closed and got ${byteCount}\n`));
  },
  // Wants to echo, as a login does.
  4008: (socket) => {
    socket.write(Buffer.from([IAC, WILL, ECHO, IAC, DO, 24, IAC, DO, 31]));
    socket.write("login: ");
    socket.on("data", (chunk) => socket.write(`[${chunk.toString("hex")}]`));
  },
  // Breaks off.
  4009: (socket) => {
    socket.write("some");
    socket.once("data", () => socket.resetAndDestroy());
  },
};

/** @param {import("node:net").Server} server @param {number} port */
function listen(server, port) {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port, host: "::", ipv6Only: false }, () => resolve(undefined));
  });
}

/** @param {(socket: import("node:net").Socket) => void} behave */
const quietly = (behave) => (/** @type {import("node:net").Socket} */ socket) => {
  socket.on("error", () => {});
  behave(socket);
};

const key = readFileSync(keyFile);
const cert = readFileSync(certificateFile);
const secured = createTlsServer(
  { key, cert, ALPNProtocols: ["http/1.1"] },
  quietly((socket) => {
    socket.on("data", (chunk) => socket.end(`got ${chunk}`));
  }),
);
secured.on("tlsClientError", () => {});
const udp = createSocket("udp6");
udp.on("message", (bytes, from) => udp.send(`got ${bytes}`, from.port, from.address, () => {}));
const printer = createSocket("udp6");
printer.on("message", (bytes) => process.stderr.write(`printed ${bytes}.\n`));

setTimeout(() => process.exit(0), LIFE_MS).unref();
process.stdin.on("end", () => process.exit(0)).on("error", () => process.exit(0));
process.stdin.resume();
await Promise.all([
  ...Object.entries(BEHAVIOURS).map(([port, behave]) =>
    listen(createServer({ allowHalfOpen: true }, quietly(behave)), Number(port)),
  ),
  listen(secured, 4443),
  new Promise((resolve) => udp.bind(4010, () => resolve(undefined))),
  new Promise((resolve) => printer.bind(9100, () => resolve(undefined))),
]);
process.stdout.write("ready\n");
