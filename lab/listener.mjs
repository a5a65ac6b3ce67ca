// All listeners of one host of the lab, in one process: `node listener.mjs '{"tcp":[80],…}'`. Plain JavaScript, because
// Node 20 runs it without a loader. Says "ready" when all ports listen; ends with its standard input, at the latest
// after an hour.
import { createSocket } from "node:dgram";
import { existsSync } from "node:fs";
import { createServer } from "node:net";
import process from "node:process";

const LIFE_MS = 3_600_000;
const CONNECTION_IDLE_MS = 10_000;

/** @type {{ tcp?: number[], udp?: number[], udpSilent?: number[], banners?: Record<string, string> }} */
const { tcp = [], udp = [], udpSilent = [], banners = {} } = JSON.parse(process.argv[2] ?? "{}");
const hasIpv6 = existsSync("/proc/net/if_inet6");

/** @param {number} port */
function listenTcp(port) {
  const banner = banners[port];
  const server = createServer((socket) => {
    socket.on("error", () => {}); // scanners reset their connections
    socket.setTimeout(CONNECTION_IDLE_MS, () => socket.destroy());
    if (banner !== undefined) socket.write(banner);
    socket.resume();
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port, host: hasIpv6 ? "::" : "0.0.0.0", backlog: 4096 }, () => {
      server.on("error", () => {}); // accept() may fail for a connection that is gone already
      resolve(undefined);
    });
  });
}

/** @param {number} port @param {boolean} isSilent */
function listenUdp(port, isSilent) {
  const socket = createSocket(hasIpv6 ? "udp6" : "udp4");
  if (!isSilent) socket.on("message", (bytes, from) => socket.send(bytes, from.port, from.address, () => {}));
  return new Promise((resolve, reject) => {
    socket.once("error", reject);
    socket.bind(port, () => {
      socket.on("error", () => {});
      resolve(undefined);
    });
  });
}

setTimeout(() => process.exit(0), LIFE_MS).unref();
process.stdin.on("end", () => process.exit(0)).on("error", () => process.exit(0));
process.stdin.resume();
await Promise.all([
  ...tcp.map(listenTcp),
  ...udp.map((port) => listenUdp(port, false)),
  ...udpSilent.map((port) => listenUdp(port, true)),
]);
process.stdout.write("ready\n");
