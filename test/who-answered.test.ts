// Who answers in a host's name: resets of a middlebox, and hosts that say yes to everything.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { describeLab } from "../lab/vitest.js";
import { createWanLab, isTapHere, type WanLab } from "../lab/wan-lab.js";
import { onlyHost, postern } from "./postern.js";
import { statesOf } from "./report.js";

/** What stands under the ports of a host that answers everything. */
const MARK = /^\d+ of \d+ TCP ports answer as open, /;

describeLab("who answered", () => {
  describe.skipIf(!isTapHere())("with /dev/net/tun", () => {
    let lab: WanLab;

    beforeAll(async () => {
      const tcp = { open: [80], impostor: [25, [100, 199]] } as const;
      const others = "open";
      lab = await createWanLab({
        hosts: [
          { prefix: "10.80.0.1", tcp },
          { prefix: "fd80::1", tcp },
          { prefix: "10.80.0.2", tcp, impostorTtl: 64 }, // as far away as the host: nobody can tell
          { prefix: "10.80.0.3", echo: "dropped", tcp: { ...tcp, others: "dropped" } },
          { prefix: "10.80.9.1", tcp: { others } }, // a SYN proxy
          { prefix: "fd80:9::1", tcp: { others } },
          { prefix: "10.80.9.2", tcp: { open: [[1, 30], 443], others: "dropped" } },
        ],
      });
    });
    afterAll(() => lab?.dispose());

    const claimOf = (
      port: { readonly state: string; readonly reason: string; readonly evidence: string } | undefined,
    ) => `${port?.state} ${port?.reason}${port?.evidence}`;

    test.each(["10.80.0.1", "fd80::1"])("resets in the name of %s are told apart by their TTL", async (address) => {
      if (address.includes(":") && !lab.hasIpv6) return;
      const seen = await postern(lab.scanner, ["-n", "--reason", "-p24,25,80", address]);
      const { ports, lines } = onlyHost(seen);
      expect(claimOf(ports.get(24))).toBe("closed reset ttl 63");
      expect(claimOf(ports.get(25))).toBe("closed reset-by-other ttl 249");
      expect(claimOf(ports.get(80))).toBe("open syn-ack ttl 63");
      expect(lines.filter((line) => line.includes("by somebody else"))).toEqual([
        "1 port was reset by somebody else in the host's name: ttl 249, while the host's own packets arrive with ttl 63 " +
          "(its echo-reply)",
      ]);
    });

    test("a hundred of them are one group and one sentence", async () => {
      const seen = await postern(lab.scanner, ["-n", "-p80,100-199", "10.80.0.1"]);
      const { ports, lines } = onlyHost(seen);
      expect([...ports.keys()]).toEqual([80]);
      expect(lines).toContain("Not shown: 100 closed tcp ports (reset-by-other)");
      expect(lines.filter((line) => line.startsWith("100 ports were reset by somebody else"))).toHaveLength(1);
    });

    test("with the host's own TTL nothing is claimed", async () => {
      const seen = await postern(lab.scanner, ["-n", "--reason", "-p24,25,80", "10.80.0.2"]);
      expect(claimOf(onlyHost(seen).ports.get(25))).toBe("closed reset ttl 63");
      expect(seen.stdout).not.toContain("somebody else");
    });

    test("a host that says nothing but SYN-ACK is compared by that", async () => {
      const seen = await postern(lab.scanner, ["-n", "-Pn", "--reason", "-p24,25,80", "10.80.0.3"]);
      const { ports } = onlyHost(seen);
      expect(claimOf(ports.get(24))).toBe("filtered no-response");
      expect(claimOf(ports.get(25))).toBe("closed reset-by-other ttl 249");
      expect(claimOf(ports.get(80))).toBe("open syn-ack ttl 63");
    });

    test("where only the middlebox speaks there is nothing to compare with", async () => {
      const seen = await postern(lab.scanner, ["-n", "-Pn", "--reason", "-p25,100-105", "10.80.0.3"]);
      expect(new Set(Object.values(statesOf(onlyHost(seen))))).toEqual(new Set(["closed"])); // nothing to compare with
    });

    test("thirty open ports beside silence are thirty open ports", async () => {
      const seen = await postern(lab.scanner, ["-n", "-p1-40,443", "10.80.9.2"]);
      expect([...onlyHost(seen).ports].filter(([, { state }]) => state === "open")).toHaveLength(31);
      expect(seen.stdout).not.toMatch(/answers everything/i);
    });

    test.each(["10.80.9.1", "fd80:9::1"])(
      "%s answers everything: it says so, and lists no thousand ports",
      async (address) => {
        if (address.includes(":") && !lab.hasIpv6) return;
        const beside = "10.80.9.2";
        const seen = await postern(lab.scanner, ["-n", "--reason", address, beside]);
        const proxy = seen.hosts.find(({ title }) => title === address);
        expect(proxy?.ports.size).toBe(0);
        expect(proxy?.lines).toContain("Not shown: 1000 open tcp ports (syn-ack)");
        expect(proxy?.lines.some((line) => MARK.test(line))).toBe(true);
        const real = seen.hosts.find(({ title }) => title === beside);
        const open = [...(real?.ports ?? [])].filter(([, { state }]) => state === "open").map(([port]) => port);
        expect(open).toContain(443);
        for (const port of open) expect(lab.truthOf(beside, port).state).toBe("open");
        expect(real?.lines.some((line) => MARK.test(line))).toBe(false);
      },
    );
  });
});
