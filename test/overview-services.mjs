// What listens in test/overview.test.ts: `node overview-services.mjs '{"tcp":[["127.0.0.1",5432]],"udp":[["0.0.0.0",53]]}'`.
// UDP ports send back what they get; those of "silent" do not. Says "ready" when all listen; ends with its standard input.
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer } from "node:net";
import process from "node:process";

/** @type {{ tcp?: [string, number][], udp?: [string, number][], silent?: [string, number][] }} */
const { tcp = [], udp = [], silent = [] } = JSON.parse(process.argv[2] ?? "{}");

/** @param {[string, number]} place */
function listenTcp([host, port]) {
  const server = createServer((socket) => socket.on("error", () => {}).end());
  server.listen({ host, port, ipv6Only: host.includes(":") });
  return once(server, "listening");
}

/** @param {[string, number]} place @param {boolean} isSilent */
function listenUdp([host, port], isSilent) {
  const socket = createSocket({ type: host.includes(":") ? "udp6" : "udp4", ipv6Only: host.includes(":") });
  if (!isSilent) socket.on("message", (bytes, from) => socket.send(bytes, from.port, from.address, () => {}));
  socket.bind(port, host);
  return once(socket, "listening");
}

process.stdin.on("end", () => process.exit(0)).resume();
await Promise.all([
  ...tcp.map(listenTcp),
  ...udp.map((place) => listenUdp(place, false)),
  ...silent.map((place) => listenUdp(place, true)),
]);
process.stdout.write("ready\n");
