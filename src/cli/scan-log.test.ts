import { createSocket } from "node:dgram";
import { mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, expect, test } from "vitest";
import { checked, libc } from "../linux/libc.js";
import type { LogAddress } from "../linux/log-target.js";
import { AF_UNIX, MSG_DONTWAIT, SOCK_DGRAM } from "../linux/socket-constants.js";
import type { DoneEvent } from "../model/scan-event.js";
import { ScanLog, type ScanLogFacts } from "./scan-log.js";

const FOLDER = mkdtempSync(path.join(tmpdir(), "postern-log-"));
const FACTS: ScanLogFacts = {
  targetTexts: ["10.0.0.0/24"],
  addressCount: 256,
  words: ["-F", "10.0.0.0/24"],
  environment: { SUDO_USER: "ada", SSH_CONNECTION: "192.0.2.7 50000 192.0.2.1 22" },
};
const DONE: DoneEvent = {
  type: "done",
  finishedAt: "2026-11-04T12:00:02.500Z",
  elapsedMs: 2500,
  counts: {
    hosts: 256,
    unreachable: 0,
    hostsUp: 3,
    ports: 300,
    sent: 812,
    answered: 300,
    resent: 0,
    late: 0,
    kernelDrops: 0,
    ignored: 0,
  },
  loss: { lossShare: 0, missedEstimate: 0 },
  isAborted: false,
};
const NOW = (): string => "2026-11-04T12:00:00.000Z";

afterAll(() => rmSync(FOLDER, { recursive: true }));

test("the local log gets both records: who, from where, what, and what came of it", async () => {
  const file = path.join(FOLDER, "log");
  const calls = libc();
  const fd = checked("socket", calls.socket(AF_UNIX, SOCK_DGRAM, 0));
  const name = Buffer.concat([Uint8Array.of(AF_UNIX, 0), Buffer.from(`${file}\0`)]);
  checked("bind", calls.bind(fd, name, name.length));
  const log = await ScanLog.begin({ kind: "local", host: file, port: 0 }, FACTS, NOW);
  await log.end(DONE);
  const read = (): string => {
    const bytes = Buffer.alloc(4096);
    return bytes.toString("utf8", 0, checked("recv", calls.recv(fd, bytes, bytes.length, MSG_DONTWAIT)));
  };
  expect(read()).toMatch(
    /^<13>Nov .* postern\[\d+\]: scan-start user=\S+ sudo=ada (login=\d+ )?from=192\.0\.2\.7 targets=10\.0\.0\.0\/24 addresses=256 command="postern -F 10\.0\.0\.0\/24"$/,
  );
  expect(read()).toMatch(
    /: scan-end status=done started=2026-11-04T12:00:00\.000Z seconds=2\.5 hosts=256 up=3 ports=300 probes=812$/,
  );
  calls.close(fd);
});

test("a scan that was stopped or failed is a warning", async () => {
  const socket = createSocket("udp4");
  const records: string[] = [];
  const port = await new Promise<number>((resolve) => {
    socket.on("message", (message) => records.push(message.toString()));
    socket.bind(0, "127.0.0.1", () => resolve(socket.address().port));
  });
  const address: LogAddress = { kind: "udp", host: "127.0.0.1", port };
  for (const done of [{ ...DONE, isAborted: true }, undefined]) {
    await (await ScanLog.begin(address, FACTS, NOW)).end(done);
  }
  await expect.poll(() => records.length).toBe(4);
  const ends = records.filter((record) => record.includes("scan-end status"));
  expect(ends.map((record) => /^<12>1 .* status=(\w+)/.exec(record)?.[1]).sort()).toEqual(["failed", "stopped"]);
  socket.close();
});

test("over TCP each record begins with its length", async () => {
  let received = "";
  const server = createServer((socket) => socket.on("data", (bytes) => (received += bytes.toString())));
  const port = await new Promise<number>((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
  });
  const log = await ScanLog.begin({ kind: "tcp", host: "127.0.0.1", port }, FACTS, NOW);
  await log.end(DONE);
  await expect.poll(() => received).toContain("scan-end status");
  const first = Number(/^\d+/.exec(received)?.[0]);
  const rest = received.slice(`${first} `.length);
  expect(rest.slice(0, first)).toMatch(/^<13>1 .*scan-start user=/);
  expect(Number(/^\d+/.exec(rest.slice(first))?.[0])).toBe(rest.slice(first).length - 4);
  server.close();
});

test.each<LogAddress>([
  { kind: "local", host: path.join(FOLDER, "nothing"), port: 0 },
  { kind: "tcp", host: "127.0.0.1", port: 1 },
  { kind: "tls", host: "127.0.0.1", port: 1 },
])("a log that is not there is an error before the scan: $kind", async (address) => {
  await expect(ScanLog.begin(address, FACTS, NOW)).rejects.toThrow(/failed: ENOENT|cannot be reached: .*ECONNREFUSED/);
});
