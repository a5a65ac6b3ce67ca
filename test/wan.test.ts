// The wan lab: its link and its hosts do what their description says, as the kernel's own sockets see them.
import process from "node:process";
import { describe, expect, test } from "vitest";
import { hasProgram } from "../lab/availability.js";
import type { LabMachine } from "../lab/machine.js";
import { describeLab } from "../lab/vitest.js";
import { createWanLab, isTapHere } from "../lab/wan-lab.js";
import { postern } from "./postern.js";

/** Sends datagrams at a pace and prints how many came back, and the median of their round trips in milliseconds. */
const ECHO = `
const [, host, port, count, perMs] = process.argv;
const socket = require("node:dgram").createSocket(host.includes(":") ? "udp6" : "udp4");
const trips = [];
let sent = 0;
let sentAt = 0;
socket.on("error", () => {});
socket.on("message", () => trips.push(performance.now() - sentAt));
const timer = setInterval(() => {
  sentAt = performance.now();
  for (let i = 0; i < Number(perMs) && sent < Number(count); i++, sent++) socket.send("x", Number(port), host);
  if (sent < Number(count)) return;
  clearInterval(timer);
  setTimeout(() => {
    trips.sort((a, b) => a - b);
    console.log(JSON.stringify({ back: trips.length, medianMs: trips[trips.length >> 1] ?? 0 }));
    socket.close();
  }, 500);
}, Math.max(1, Number(process.argv[5] ?? 1)));`;

interface Echoes {
  readonly back: number;
  readonly medianMs: number;
}

async function echo(machine: LabMachine, host: string, port: number, count: number, perMs: number, everyMs = 1) {
  const words = [host, port, count, perMs, everyMs].map(String);
  const { stdout, stderr } = await machine.run(process.execPath, ["-e", ECHO, ...words]);
  expect(stderr).toBe("");
  return JSON.parse(stdout) as Echoes;
}

/** Connects to each [address, port] and prints the states that connect() tells. */
const CONNECT = `
const pairs = process.argv.slice(1);
for (let i = 0; i < pairs.length; i += 2) {
  const socket = require("node:net").connect({ host: pairs[i], port: Number(pairs[i + 1]) });
  const done = (state) => { clearTimeout(timer); socket.destroy(); console.log(pairs[i], pairs[i + 1], state); };
  const timer = setTimeout(done, 700, "filtered");
  socket.once("connect", () => done("open"));
  socket.once("error", (error) => done(error.code === "ECONNREFUSED" ? "closed" : "filtered"));
}`;

const ECHO_HOST = { prefix: "10.80.0.1", udp: { open: [7] } } as const;

describeLab("the wan lab", () => {
  describe.skipIf(!isTapHere())("with /dev/net/tun", () => {
    test("loses as many packets as asked, each way, and doubles as many answers", async () => {
      const link = { lossThere: 0.2, lossBack: 0.1, duplicateShare: 0.05 };
      await using lab = await createWanLab({ link, hosts: [ECHO_HOST] });
      const { back } = await echo(lab.scanner, "10.80.0.1", 7, 10_000, 10);
      const counts = await lab.stop();
      expect(counts.missedCount).toBe(0);
      expect(counts.received.udp).toBe(10_000);
      expect(counts.ports.udp).toEqual({ portCount: 1, most: 10_000 });
      expect(counts.link.lostThere / 10_000).toBeCloseTo(0.2, 1.5); // ± 0.016: four standard deviations
      expect(counts.link.lostBack / counts.answeredCount).toBeCloseTo(0.1, 1.5);
      expect(back).toBe(counts.answeredCount - counts.link.lostBack + counts.link.duplicated);
      expect(counts.link.duplicated / back).toBeCloseTo(0.05, 1.5);
    });

    test("delays as long as asked, each way", async () => {
      await using lab = await createWanLab({ link: { delayMs: 30 }, hosts: [ECHO_HOST] });
      const { back, medianMs } = await echo(lab.scanner, "10.80.0.1", 7, 20, 1, 100);
      expect(back).toBe(20);
      expect(medianMs).toBeGreaterThanOrEqual(60);
      expect(medianMs).toBeLessThan(65);
    });

    test("carries no more than its rate and its queue", async () => {
      await using lab = await createWanLab({ link: { ratePps: 2000, queueFrames: 100 }, hosts: [ECHO_HOST] });
      const { back } = await echo(lab.scanner, "10.80.0.1", 7, 8000, 8); // a second at 8,000 a second, or longer
      const counts = await lab.stop();
      expect(back + counts.link.droppedByRate).toBe(8000);
      expect(back).toBeGreaterThan(1500);
      expect(back).toBeLessThan(5000);
    });

    test("answers as the truth says: hosts, ports and both families", async () => {
      const tcp = { open: [22, [80, 81]], dropped: [23], impostor: [25], others: "closed" } as const;
      const hosts = [
        { prefix: "10.80.9.0/24", tcp: { others: "open" } }, // a SYN proxy
        { prefix: "10.80.0.0/16", upShare: 0.5, openShare: 0.5, tcp },
        { prefix: "fd80::/120", upShare: 0.5, tcp },
      ] as const;
      await using lab = await createWanLab({ link: { seed: 7 }, hosts });
      const prefixes = ["10.80.0.", "10.80.9.", ...(lab.hasIpv6 ? ["fd80::"] : [])];
      const asked = prefixes.flatMap((prefix) =>
        Array.from({ length: 24 }, (_, index) => `${prefix}${index + 1}`).flatMap((address) =>
          [22, 23, 24, 25, 80].map((port): [string, number] => [address, port]),
        ),
      );
      const { stdout } = await lab.scanner.run(process.execPath, ["-e", CONNECT, ...asked.flat().map(String)]);
      const truth = asked.map(([address, port]) => `${address} ${port} ${lab.truthOf(address, port).state}`);
      expect(stdout.trim().split("\n").sort()).toEqual(truth.sort());
      expect(new Set(truth.map((line) => line.split(" ")[2]))).toEqual(new Set(["open", "closed", "filtered"]));
      const { silent, missedCount } = await lab.stop();
      const down = new Set(asked.map(([address]) => address).filter((address) => !lab.truthOf(address, 1).isUp));
      expect({ missedCount, addressCount: silent.addressCount }).toEqual({ missedCount: 0, addressCount: down.size });
    });

    test.skipIf(!hasProgram("nmap"))("speaks UDP and SCTP as nmap understands them", async () => {
      const ports = { open: [5], dropped: [6] };
      await using lab = await createWanLab({ hosts: [{ prefix: "10.80.0.1", udp: ports, sctp: ports }] });
      const words = ["-n", "-Pn", "-sUY", "-pU:5-7,S:5-7", "--reason", "10.80.0.1"];
      const { stdout } = await lab.scanner.run("nmap", words);
      const rows = [...stdout.matchAll(/^(\d+)\/(\w+) +(\S+) +\S+ +(\S+)/gm)].map((row) => row.slice(1, 5).join(" "));
      expect(rows.sort()).toEqual(
        [
          "5 sctp open init-ack",
          "5 udp open udp-response",
          "6 sctp filtered no-response",
          "6 udp open|filtered no-response",
          "7 sctp closed abort",
          "7 udp closed port-unreach",
        ].sort(),
      );
    });

    test("rations ICMP errors as Linux does", async () => {
      await using lab = await createWanLab({ hosts: [{ prefix: "10.80.0.0/16", icmpRations: true }] });
      await echo(lab.scanner, "10.80.0.1", 99, 60, 1);
      const { answeredCount, rationedCount } = await lab.stop();
      expect(answeredCount).toBe(6);
      expect(rationedCount).toBe(54);
    });

    test("sends an unanswered SYN-ACK again, and no more once it is answered", async () => {
      const hosts = [{ prefix: "10.80.0.1", tcp: { open: [80] }, synAckRetries: 2 }];
      await using lab = await createWanLab({ hosts });
      const count = async () => {
        const { stdout } = await lab.scanner.run("nft", ["list", "table", "inet", "watch"]);
        return Number(/packets (\d+)/.exec(stdout)?.[1]);
      };
      const rules = (resets: string) => `table inet watch {
        chain in { type filter hook input priority 0; tcp flags & (syn|ack) == (syn|ack) counter; }
        chain out { type filter hook output priority 0; tcp flags & rst == rst ${resets}; }
      }`;
      const probe = async (resets: string) => {
        const { stderr } = await lab.scanner.run("nft", ["-f", "-"], { input: rules(resets) });
        expect(stderr).toBe("");
        await postern(lab.scanner, ["-Pn", "-p80", "10.80.0.1"]);
        await lab.scanner.run("sleep", ["3.5"]); // repeated after 1 s and after 3 s
        const answers = await count();
        await lab.scanner.run("nft", ["delete", "table", "inet", "watch"]);
        return answers;
      };
      expect(await probe("drop")).toBe(3);
      expect(await probe("accept")).toBe(1);
    });

    test("counts anew after each question", async () => {
      await using lab = await createWanLab({ hosts: [ECHO_HOST] });
      await echo(lab.scanner, "10.80.0.1", 7, 10, 1);
      expect((await lab.counts()).received.udp).toBe(10);
      expect((await lab.counts()).received.udp).toBe(0);
      expect((await lab.stop()).received.udp).toBe(0);
      await lab.stop();
      await lab.dispose();
    });
  });
});
