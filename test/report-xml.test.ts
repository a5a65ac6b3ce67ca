// The forms for programs: valid by nmap's own DTD, and the same hosts, ports and states as nmap's on the same targets.
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hasProgram } from "../lab/availability.js";
import { createLab, type Lab } from "../lab/network.js";
import { describeLab } from "../lab/vitest.js";
import { POSTERN } from "./postern.js";
import { canValidate, dtdComplaints, readXmlHosts, type XmlHost } from "./xml-report.js";

const hasNmap = hasProgram("nmap");
/** Nothing is lost here, and round trips are short. */
const PACE = ["-T4", "--max-retries", "2"] as const;
const PORTS = ["-p", "1-1100"] as const;

describeLab("nmap's forms", () => {
  let lab: Lab;
  const address = (name: string) => lab.host(name).ipv4;

  beforeAll(async () => {
    lab = await createLab({ topology: "routed" });
  });
  afterAll(() => lab?.dispose());

  /** postern's report in the form of this option. */
  async function report(option: "-oX" | "-oG", args: readonly string[]): Promise<string> {
    const { stdout, stderr, status } = await lab.scanner.run(POSTERN, [...args, option, "-"], { timeoutMs: 50_000 });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    return stdout;
  }

  async function nmapReport(option: "-oX" | "-oG", args: readonly string[]): Promise<string> {
    const { stdout, status } = await lab.scanner.run("nmap", [...args, option, "-"], { timeoutMs: 50_000 });
    expect(status).toBe(0);
    return stdout;
  }

  function validHosts(document: string): Record<string, XmlHost> {
    if (canValidate) expect(dtdComplaints(document)).toBe("");
    return readXmlHosts(document);
  }

  /** That both say the same, apart from what `seen` leaves out of it. */
  async function sameHosts(
    args: readonly string[],
    seen: (host: XmlHost) => unknown,
    nmapOnly: readonly string[] = [],
  ): Promise<void> {
    const ours = validHosts(await report("-oX", args));
    expect(Object.keys(ours)).not.toHaveLength(0);
    if (!hasNmap) return;
    const theirs = readXmlHosts(await nmapReport("-oX", [...PACE, ...nmapOnly, ...args]));
    expect(mapped(ours, seen)).toEqual(mapped(theirs, seen));
  }

  describe("XML is what nmap writes", () => {
    test("of a SYN scan: every state, reason and listed port", async () => {
      const targets = ["plain", "strict", "quiet"].map(address);
      await sameHosts(["-n", "-sS", ...PORTS, ...targets], ({ state, addresses, names, ports, listed }) => {
        return { state, addresses, names, ports, listed };
      });
    });

    test("of a SYN scan with --open, and with -v", async () => {
      const seen = ({ ports, listed }: XmlHost) => ({ ports, listed });
      await sameHosts(["-n", "-sS", "--open", ...PORTS, address("strict"), address("plain")], seen);
      await sameHosts(["-n", "-sS", "-v", "-p", "980-1030", address("strict")], seen);
    });

    test("of connects", async () => {
      await sameHosts(["-n", "-sT", "-p", "1-1010", address("plain")], ({ ports }) => ports);
    });

    test("of a UDP scan beside a SYN scan", async () => {
      await sameHosts(["-n", "-sSU", "-p", "1-200,1000-1010", address("strict")], ({ ports, listed }) => {
        return { ports, listed };
      });
    });

    test("of a ping scan, with -v also of what is down", async () => {
      const args = ["-n", "-sn", "10.10.0.10-16"];
      await sameHosts(args, ({ state, addresses, ports }) => ({ state, addresses, ports }));
      await sameHosts(["-v", ...args], ({ state, addresses }) => ({ state, addresses }));
    });

    test("of a list, with a name that was written", async () => {
      await sameHosts(["-n", "-sL", "10.10.0.8/30", "localhost"], (host) => host);
    });

    test("of a neighbour, with its link address", async () => {
      await sameHosts(["-n", "-sS", "-p", "1-5", "10.9.0.254"], ({ addresses, ports }) => ({ addresses, ports }));
    });

    test("of the way to a host", async () => {
      const args = ["-n", "-sS", "--traceroute", "-p", "22", address("plain")];
      await sameHosts(args, ({ hops, ports }) => ({ hops, ports }));
    });

    test("over IPv6", async ({ skip }) => {
      if (!lab.hasIpv6) return skip("this kernel has no IPv6");
      const args = ["-n", "-sS", ...PORTS, lab.host("plain").ipv6];
      await sameHosts(args, ({ addresses, ports, listed }) => ({ addresses, ports, listed }), ["-6"]);
    });

    test("of IP protocols, which are no ports to nmap's DTD either", async () => {
      const hosts = validHosts(await report("-oX", ["-n", "-sO", "-p", "0-60", address("plain")]));
      expect(hosts[address("plain")]?.ports).toMatchObject({ "ip/1": expect.stringMatching(/^open /) });
    });
  });

  test.skipIf(!hasNmap)("the grepable form is nmap's, line by line", async () => {
    const scans = [
      ["-n", "-sS", "-p", "1-900", address("plain"), address("strict")],
      ["-n", "-sS", "-v", "-p", "21-22", address("plain")],
      ["-n", "-sn", "-v", "10.10.0.10-16"],
      ["-n", "-sL", "10.10.0.8/30"],
      ["-n", "-sO", "-p", "1,6,17,200-240", address("plain")],
    ];
    for (const args of scans) {
      const ours = await report("-oG", args);
      const theirs = await nmapReport("-oG", [...PACE, ...args]);
      expect(grepableLines(ours)).toEqual(grepableLines(theirs));
    }
  });

  test("an interrupted scan leaves a whole document", async () => {
    const args = ["-n", "-v", "-p", "1-60000", "--max-rate", "200", "-oX", "-", address("plain"), address("strict")];
    const child = lab.scanner.spawn(POSTERN, args);
    let document = "";
    child.stdout?.on("data", (chunk) => {
      document += String(chunk);
    });
    const closed = once(child, "close");
    for (let waits = 0; waits < 500 && !document.includes("<hosthint>"); waits++) await sleep(10);
    await sleep(500);
    child.kill("SIGINT");
    const [status] = await closed;
    expect(status).not.toBe(0);
    const hosts = validHosts(document);
    expect(Object.keys(hosts).length).toBeGreaterThan(0);
    expect(document).toContain('exit="error"');
    expect(document).toContain('<?postern-host end="stopped"');
  });
});

function mapped(hosts: Record<string, XmlHost>, seen: (host: XmlHost) => unknown): Record<string, unknown> {
  return Object.fromEntries(Object.entries(hosts).map(([address, host]) => [address, seen(host)]));
}

/** Without names, versions and times; hosts and their ports in order, since both report hosts as they are done. */
function grepableLines(report: string): readonly string[] {
  const lines = report.trim().split("\n");
  return lines
    .map((line) => {
      return line
        .replace(/^# \w+ \S+ scan initiated .*/, "# initiated")
        .replace(/^# \w+ done at .* -- (.*) scanned in .*/, "# done $1")
        .replace(/(\d+\/[a-z|]+\/(?:tcp|udp)\/\/)[^/]*/g, "$1")
        .replace(/(\d+\/[a-z|]+\/)[^/,]*\/(?=,|\t|$)/g, "$1/");
    })
    .sort();
}
