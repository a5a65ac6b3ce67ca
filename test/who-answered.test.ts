// Who answers in a host's name: resets of a middlebox, and hosts that say yes to everything.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Family } from "../lab/filter.js";
import { PLAIN_HOST } from "../lab/hosts.js";
import { createLab, type Lab } from "../lab/network.js";
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
          { prefix: "10.80.0.2", tcp, impostorTtl: 64 }, // as far away as the host, and made alike: nobody can tell
          { prefix: "10.80.0.4", tcp, impostorTtl: 64, hasMarks: true },
          { prefix: "fd80::4", tcp, impostorTtl: 64, hasMarks: true },
          { prefix: "10.80.0.5", tcp, impostorTtl: 64, impostorWindow: 512 },
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

    test.each([
      ["10.80.0.4", "identification"],
      ["fd80::4", "flow label"],
    ])("resets with the TTL of %s are told apart by their missing %s", async (address, name) => {
      if (address.includes(":") && !lab.hasIpv6) return;
      for (const words of [[], ["-Pn"]]) {
        const seen = await postern(lab.scanner, ["-n", "--reason", ...words, "-p80,99-101,200-210", address]);
        const { ports, lines } = onlyHost(seen);
        expect([99, 100, 101, 200].map((port) => claimOf(ports.get(port)))).toEqual([
          "closed reset ttl 63",
          "closed reset-by-other ttl 63",
          "closed reset-by-other ttl 63",
          "closed reset ttl 63",
        ]);
        expect(lines.filter((line) => line.includes("by somebody else"))).toEqual([
          `2 ports were reset by somebody else in the host's name: ${name} 0 instead of set` +
            " (compared with other RSTs and the SYN-ACK of port 80)",
        ]);
      }
    });

    test("resets that are made otherwise, and may be either's, are told and accuse nobody", async () => {
      const seen = await postern(lab.scanner, ["-n", "--reason", "-p24,25,80", "10.80.0.5"]);
      const { ports, lines } = onlyHost(seen);
      expect([24, 25].map((port) => claimOf(ports.get(port)))).toEqual(["closed reset ttl 63", "closed reset ttl 63"]);
      expect(lines.filter((line) => line.includes("in another way"))).toHaveLength(1);
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

/** The router's RSTs come with the time to live of the host's, over IPv4 from port 1001 on with an identification, too. */
const DISGUISE = `table inet disguise {
  chain forward {
    type filter hook forward priority -10; policy accept;
    tcp dport { 1001-1003 } reject with tcp reset
  }
  chain postrouting {
    type filter hook postrouting priority 0; policy accept;
    tcp sport { 1001-1003 } ip ttl set 63
    tcp sport { 1001-1003 } ip6 hoplimit set 63
    tcp sport 1001 ip id set 4711 ip frag-off & 0x1fff == 0 ip frag-off set 0
  }
}
`;

/** The host's own firewall, of both makes. */
const OWN_RULES = `table inet own {
  chain input {
    type filter hook input priority 0; policy accept;
    tcp dport 1011 reject with tcp reset
  }
  chain prerouting {
    type filter hook prerouting priority 0; policy accept;
    tcp dport 1012 reject with tcp reset
  }
}
`;

describeLab("who answered, of Linux alone", () => {
  let lab: Lab;
  let address: Readonly<Record<Family, string>>;

  beforeAll(async () => {
    lab = await createLab({ topology: "routed", hosts: [PLAIN_HOST] });
    const { ipv4, ipv6 } = lab.host("plain");
    address = { 4: ipv4, 6: ipv6 };
    for (const [machine, rules] of [
      [lab.router, DISGUISE],
      [lab.host("plain"), OWN_RULES],
    ] as const) {
      expect((await machine.run("nft", ["-f", "-"], { input: rules })).stderr).toBe("");
    }
  });
  afterAll(() => lab?.dispose());

  async function reasonsOf(family: Family, ports: string) {
    const seen = await postern(lab.scanner, ["-n", "--reason", "-sS", "-p", ports, address[family]]);
    const { ports: rows, lines } = onlyHost(seen);
    const marks = lines.filter((line) => /by somebody else|in another way/.test(line));
    return { reasons: Object.fromEntries([...rows].map(([port, { reason }]) => [port, reason])), marks };
  }

  test("over IPv6 a firewall is known by its missing flow label, on the host and on the way, whatever its hop limit", async () => {
    if (!lab.hasIpv6) return;
    const { reasons, marks } = await reasonsOf(6, "22,81,1000-1003,1011,1012");
    expect(reasons).toEqual({
      22: "syn-ack",
      81: "reset",
      1000: "reset",
      1001: "reset-by-other",
      1002: "reset-by-other",
      1003: "reset-by-other",
      1011: "reset-by-other",
      1012: "reset-by-other",
    });
    expect(marks).toEqual([
      "5 ports were reset by somebody else in the host's name: flow label 0 instead of set (compared with other RSTs and " +
        "the SYN-ACK of port 22)",
    ]);
  });

  test("over IPv4 both make their RSTs alike: nothing is claimed but of what was made otherwise", async () => {
    const alike = await reasonsOf(4, "22,81,1000,1002,1003,1011,1012");
    expect(new Set(Object.values(alike.reasons))).toEqual(new Set(["syn-ack", "reset"]));
    expect(alike.marks).toEqual([]);
    const { reasons, marks } = await reasonsOf(4, "22,81,1000-1003");
    expect(reasons[1001]).toBe("reset");
    expect(marks).toEqual([
      "1 port (1001) was reset in another way than 4 others, so two different senders answer in the host's name, and which " +
        "is the host is not known: identification set instead of 0, DF clear instead of set",
    ]);
  });

  const TECHNIQUES = ["-sS", "-sA", "-sF", "-sN", "-sX", "-sM", "-sW", "-sT"];
  test.each(TECHNIQUES)("an ordinary host is never accused: %s", async (option) => {
    const addresses = [address[4], "127.0.0.1", ...(lab.hasIpv6 ? [address[6], "::1"] : [])];
    for (const words of [["-Pn"], []]) {
      const args = ["-n", option, ...words, "-p20-25,80,100-999", ...addresses];
      const seen = await postern(lab.scanner, [...args]);
      expect(seen.hosts).toHaveLength(addresses.length);
      expect(seen.stdout).not.toMatch(/by-other|somebody|another way/);
    }
  });
});
