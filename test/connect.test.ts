// postern connect -z: every way in which a firewall can refuse has its word, and nothing is claimed without an answer.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hasProgram } from "../lab/availability.js";
import type { Family, Protocol } from "../lab/filter.js";
import { VERDICT_PORTS } from "../lab/hosts.js";
import { NOBODY_UID, type RunOptions } from "../lab/machine.js";
import { createLab, type Lab, type LabHost } from "../lab/network.js";
import { ROUTER_ADDRESSES } from "../lab/topology.js";
import { describeLab } from "../lab/vitest.js";
import { POSTERN } from "./postern.js";

/** What is said of a port, by what is true of it: after "; ", or for an open one behind nc's line. */
const TCP_WORDS: Readonly<Record<string, RegExp>> = {
  "syn-ack": /succeeded!$/,
  reset: /failed: Connection refused; refused: a RST in the host's name$/,
  "reset-by-other": /failed: Connection refused; refused: a RST in the host's name$/, // a socket sees no header
  "no-response": / timed out; filtered: nothing came back within 0.5 s$/,
  "port-unreach": /failed: Connection refused; refused: ICMP(v6)? port unreachable \(type \d, code \d\) from WHO$/,
  "host-unreach": /failed: No route to host; unreachable: ICMP(v6)? host unreachable \(type \d, code \d\) from WHO$/,
  "net-unreach": /failed: Network is unreachable; unreachable: ICMP network unreachable \(type 3, code 0\) from WHO$/,
  "no-route": /failed: Network is unreachable; unreachable: ICMPv6 network unreachable \(type 1, code 0\) from WHO$/,
  "proto-unreach":
    /failed: Protocol not available; unreachable: ICMP protocol unreachable \(type 3, code 2\) from WHO$/,
  "admin-prohibited":
    /failed: (No route to host|Permission denied); unreachable: ICMP(v6)? communication administratively prohibited \(type \d, code \d+\) from WHO$/,
  "host-prohibited":
    /failed: No route to host; unreachable: ICMP host administratively prohibited \(type 3, code 10\) from WHO$/,
  "net-prohibited":
    /failed: Network is unreachable; unreachable: ICMP network administratively prohibited \(type 3, code 9\) from WHO$/,
};

/** A RegExp with the name of who answered in it. */
function withWho(words: RegExp | undefined, who: string): RegExp {
  return new RegExp((words ?? /no words/).source.replace("WHO", who.replaceAll(".", "\\.")));
}

/** Most of the time is spent waiting for what never comes: all tests wait at the same time. */
describeLab("postern connect -z", () => {
  describe.concurrent("in the routed lab", defineTests);
});

function defineTests(): void {
  let lab: Lab;

  const connect = (args: readonly string[], options: RunOptions = {}) =>
    lab.scanner.run(POSTERN, ["connect", ...args], { timeoutMs: 20_000, ...options });

  const ncSays = async (address: string) =>
    (await lab.scanner.run("sh", ["-c", `for port in 22 80 443; do nc -zv ${address} $port; done`])).stderr;

  beforeAll(async () => {
    lab = await createLab({ topology: "routed" });
  });
  afterAll(() => lab?.dispose());

  const whoOf = (host: LabHost, port: number, protocol: Protocol, family: Family) => {
    const { decidedBy } = host.expected(port, { protocol, family });
    return decidedBy === "host" ? "the host itself" : ROUTER_ADDRESSES.outside[family === 4 ? "ipv4" : "ipv6"];
  };
  const addressOf = (host: LabHost, family: Family) => (family === 4 ? host.ipv4 : host.ipv6);

  describe.each([4, 6] as const)("-z over IPv%i", (family) => {
    test.each(["strict", "behind"])("every way to refuse TCP by %s has its word", async (name) => {
      if (family === 6 && !lab.hasIpv6) return;
      const host = lab.host(name);
      const ports = [22, 23, ...VERDICT_PORTS];
      const seen = await connect(["-zv", "-w0.5", addressOf(host, family), "22-23", "1001-1009"], { uid: NOBODY_UID });
      expect(seen.status).toBe(1);
      expect(seen.stdout).toBe("");
      const lines = seen.stderr.trimEnd().split("\n");
      expect(lines).toHaveLength(ports.length);
      for (const [index, port] of ports.entries()) {
        const { reason } = host.expected(port, { family });
        expect(lines[index]).toContain(` ${port} `);
        expect(lines[index]).toMatch(withWho(TCP_WORDS[reason], whoOf(host, port, "tcp", family)));
      }
    });

    test.each(["strict", "behind"])("of UDP behind %s nothing is claimed without an answer", async (name) => {
      if (family === 6 && !lab.hasIpv6) return;
      const host = lab.host(name);
      const ports = [53, 54, ...VERDICT_PORTS];
      const seen = await connect(["-zuv", "-w0.5", addressOf(host, family), "53-54,1001-1009"], { uid: NOBODY_UID });
      expect(seen.status).toBe(1);
      const lines = seen.stderr.trimEnd().split("\n");
      expect(lines).toHaveLength(ports.length);
      for (const [index, port] of ports.entries()) {
        const { state } = host.expected(port, { protocol: "udp", family });
        const who = whoOf(host, port, "udp", family).replaceAll(".", "\\.");
        const words = {
          open: "succeeded! open: \\d+ bytes? came back$",
          closed: "failed; closed: ICMP(v6)? port unreachable \\(type \\d, code \\d\\) from the host itself$",
          "open|filtered": "failed; no answer: nothing came back within 0.5 s$",
          filtered: `failed; filtered: ICMP(v6)? .* from ${who}$`,
        }[state as string];
        expect(lines[index]).toMatch(new RegExp(` ${port} .*${words}`));
      }
    });

    test("open ports alone are status 0, and say what nc says", async () => {
      if (family === 6 && !lab.hasIpv6) return;
      const address = addressOf(lab.host("plain"), family);
      const seen = await connect(["-zv", address, "ssh", "80,443"]);
      expect(seen.status).toBe(0);
      if (hasProgram("nc")) expect(seen.stderr).toBe(await ncSays(address));
      expect(await connect(["-z", address, "22"])).toMatchObject({ status: 0, stdout: "", stderr: "" });
      expect((await connect(["-zu", address, "53"])).status).toBe(0);
      expect((await connect(["-z", address, "23"])).status).toBe(1);
    });
  });

  test("no route, nobody on the link, and addresses of many", async () => {
    const said = async (...args: string[]) => {
      const seen = await connect(["-zv", ...args]);
      return `${seen.status} ${seen.stderr.trimEnd().split("\n")[0]}`;
    };
    const noWay = "failed: Network is unreachable; no route: this machine has no way to the address";
    const expected: readonly (readonly [args: readonly string[], words: RegExp | string])[] = [
      [["10.200.0.1", "22"], `1 connect to 10.200.0.1 port 22 (tcp) ${noWay}`],
      [["-u", "10.200.0.1", "53"], `1 connect to 10.200.0.1 port 53 (udp) ${noWay}`],
      [["-w5", "10.9.0.77", "22"], /^1 .*unreachable: nobody answers at this address on the link$/],
      [["10.9.255.255", "22"], /^2 .*10\.9\.255\.255 is a broadcast address/],
      [["-u", "224.0.0.251", "5353"], /^2 .*224\.0\.0\.251 is a multicast address/],
      [["192.0.2.1", "22"], /^3 .*neither private nor this machine's own/],
      ...(lab.hasIpv6
        ? ([
            [["fd77::1", "22"], `1 connect to fd77::1 port 22 (tcp) ${noWay}`],
            [["-u", "fd77::1", "53"], `1 connect to fd77::1 port 53 (udp) ${noWay}`],
            [["-w5", "fd00:9::77", "22"], /^1 .*unreachable: nobody answers at this address on the link$/],
            [["fe80::1", "22"], /^2 .*write the link behind it, such as fe80::1%eth0$/],
          ] as const)
        : []),
    ];
    await Promise.all(expected.map(async ([args, words]) => expect(await said(...args)).toMatch(words)));
  });

  test("from the address and the port that were asked for", async () => {
    const { ipv4 } = lab.host("plain");
    const seen = await connect(["-zvv", "-s", "10.9.0.1", "-p", "4321", ipv4, "22", "80"]);
    expect(seen.stderr.match(/ms, from 10\.9\.0\.1 port 4321\)$/gm)).toHaveLength(2);
    const foreign = await connect(["-z", "-s", "10.9.0.99", ipv4, "22"]);
    expect(foreign).toMatchObject({
      status: 3,
      stderr: expect.stringContaining("-s needs an address of this machine"),
    });
    const low = await connect(["-z", "-p", "99", ipv4, "22"], { uid: NOBODY_UID });
    expect(low).toMatchObject({ status: 3, stderr: expect.stringContaining("ports below 1024 are for root") });
  });
}
