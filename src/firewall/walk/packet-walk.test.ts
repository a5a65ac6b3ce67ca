// What rules do with packets, one behaviour of the kernel a test: each was seen in the lab
// (test/firewall/differential.test.ts).
import { describe, expect, test } from "vitest";
import { formatAddress } from "../../target/address.js";
import { readIptablesSave } from "../iptables-save.js";
import { readNftText } from "../nft-text.js";
import type { Ruleset } from "../ruleset.js";
import { ask, chain, input, THROUGH, table, V4, V6, wayOf } from "./walk-questions.test.data.js";

describe("conditions", () => {
  test("an address of the other family matches nothing, negated or not", () => {
    const ruleset = input("ip saddr != 192.0.2.1 accept");
    expect(ask(ruleset, V4).verdict).toBe("accept");
    expect(ask(ruleset, V6).verdict).toBe("drop");
  });

  test("a port asks for its protocol", () => {
    const ruleset = input("tcp dport != 80 accept");
    expect(ask(ruleset, V4).verdict).toBe("accept");
    expect(ask(ruleset, { ...V4, proto: "udp" }).verdict).toBe("drop");
  });

  test("what a map has nothing for ends the rule, and no more", () => {
    const ruleset = input("tcp dport vmap { 80 : drop } accept\ntcp dport vmap { 22 : continue } counter\naccept");
    const answer = ask(ruleset, V4);
    expect(wayOf(answer)).toEqual(["input 1 continue", "input 2 accept"]);
  });

  test("a state is one of several bits", () => {
    const ruleset = input("ct state established,related accept");
    expect(ask(ruleset, { ...V4, ct: "related", proto: "icmp", icmp_type: 3 }).verdict).toBe("accept");
    expect(ask(ruleset, V4).verdict).toBe("drop");
  });

  test("a limit answers for the first packet", () => {
    expect(ask(input("limit rate 1/minute accept"), V4).verdict).toBe("accept");
    expect(ask(input("limit rate over 1/minute drop", "accept"), V4).verdict).toBe("accept");
  });

  test("a key that is known in part may still be in no element", () => {
    const ruleset = input("meta l4proto . th dport vmap { tcp . 22 : accept }");
    expect(ask(ruleset, { ...V4, proto: "gre" }).verdict).toBe("drop");
  });

  test("before connections are tracked, all packets are invalid ones", () => {
    const raw = chain("prerouting", "ct state invalid counter", "accept", "raw");
    expect(wayOf(ask(table(raw), V4))).toEqual(["prerouting 0 continue", "prerouting policy accept"]);
  });

  test("a mark is kept by a connection, and by nothing before there is one", () => {
    const early = table(chain("prerouting", "ct mark set 1", "accept", "raw"), chain("input", "ct mark 1 accept"));
    expect(ask(early, V4).verdict).toBe("drop");
    const late = table(chain("prerouting", "ct mark set 1", "accept", "mangle"), chain("input", "ct mark 1 accept"));
    expect(ask(late, V4).verdict).toBe("accept");
  });

  test("the mark of a connection that was there before is not told", () => {
    const answer = ask(input("ct mark 7 accept"), { ...V4, ct: "established" });
    expect(answer).toMatchObject({ verdict: "unknown" });
    expect(ask(input("ct mark 7 drop"), { ...V4, ct: "established" })).toMatchObject({ verdict: "drop" });
  });
});

describe("an error about a connection", () => {
  const ERROR = { ...V4, proto: "icmp", icmp_type: 3, ct: "related" };

  test.each(["ct status expected", "ct original ip saddr 198.51.100.7", "ct protocol icmp"])(
    "%s is not told",
    (rule) => {
      expect(ask(input(`${rule} accept`), ERROR)).toMatchObject({ verdict: "unknown" });
    },
  );
});

describe("lookups of the route", () => {
  test("another route than the best does not count", () => {
    const ruleset = input("fib saddr . iif oif missing drop", "accept");
    expect(ask(ruleset, V4).verdict).toBe("accept");
    expect(ask(ruleset, { ...V4, src: "192.168.1.77" }).verdict).toBe("drop");
    expect(ask(ruleset, { ...V4, iif: "eth1", src: "192.168.1.77" }).verdict).toBe("accept");
  });

  test("what comes over the loopback is not looked up", () => {
    const ruleset = input("fib saddr . iif oif missing drop", "accept");
    expect(ask(ruleset, { iif: "lo", src: "127.0.0.1", dst: "127.0.0.1" }).verdict).toBe("accept");
  });

  test("with an interface, the addresses of others are not local", () => {
    const ruleset = input("fib daddr . iif type != local drop", "accept");
    expect(ask(ruleset, V4).verdict).toBe("accept");
    expect(ask(ruleset, { ...V4, dst: "192.168.1.1" }).verdict).toBe("drop");
  });
});

describe("verdicts", () => {
  test("an accept is final in its own base chain, a drop for good", () => {
    const first = chain("input", "tcp dport 22 accept", "drop", "filter - 10");
    const second = first.replace("filter - 10", "filter").replace("chain input", "chain later");
    expect(ask(table(first, second.replace("accept", "drop")), V4)).toMatchObject({
      verdict: "drop",
      by: { chain: "later", index: 0 },
    });
    expect(ask(table(first, second), V4)).toMatchObject({ verdict: "accept", by: { chain: "later", index: 0 } });
  });

  test("of chains with the same priority the last one made is called first", () => {
    const one = chain("input", "counter", "accept");
    const answer = ask(table(one, one.replace("chain input", "chain second")), V4);
    expect(answer.path.map(({ chain: name }) => name)).toEqual(["second", "second", "input", "input"]);
  });

  test("return and the end of a chain lead back behind a jump, but not behind a goto", () => {
    const more = "\tchain more {\n\t\ttcp dport 22 return\n\t\taccept\n\t}\n";
    expect(wayOf(ask(table(more, chain("input", "jump more\naccept")), V4))).toEqual([
      "input 0 jump more",
      "more 0 return",
      "input 1 accept",
    ]);
    expect(ask(table(more, chain("input", "goto more\naccept")), V4)).toMatchObject({
      verdict: "drop",
      by: { index: "policy" },
    });
  });
});

describe("refusals", () => {
  test("with icmp they are for IPv4 alone", () => {
    const ruleset = input("reject with icmp host-prohibited", "accept");
    expect(ask(ruleset, V4)).toMatchObject({ verdict: "reject", with: "icmp-host-prohibited" });
    expect(ask(ruleset, V6).verdict).toBe("accept");
  });

  test("with a reset they are for TCP alone, also where nft does not list that", () => {
    const text =
      "table ip t {\n\tchain i {\n\t\ttype filter hook input priority 0; policy accept;\n\t\treject with tcp reset\n\t}\n}";
    expect(ask(readNftText(text), V4)).toMatchObject({ verdict: "reject", with: "tcp-reset" });
    expect(ask(readNftText(text), { ...V4, proto: "udp" }).verdict).toBe("accept");
  });

  const UNANSWERED: readonly (readonly [string, Readonly<Record<string, unknown>>])[] = [
    ["errors of ICMP", { ...V4, proto: "icmp", icmp_type: 3, ct: "invalid" }],
    ["types of ICMP that nobody knows", { ...V4, proto: "icmp", icmp_type: 7, ct: "invalid" }],
    ["errors of ICMPv6", { ...V6, proto: "icmpv6", icmp_type: 1, ct: "invalid" }],
    ["what goes to all hosts of a link", { ...V4, proto: "udp", dst: "203.0.113.255" }],
    ["what goes to a group", { ...V6, proto: "udp", dst: "ff02::1" }],
  ];

  test.each(UNANSWERED)("%s are dropped without a word", (_what, packet) => {
    expect(ask(input("reject"), packet)).toMatchObject({ verdict: "drop", by: { index: 0 } });
  });

  test("a reset is no answer to a reset", () => {
    const packet = { ...V4, flags: ["rst"], ct: "invalid" };
    expect(ask(input("meta l4proto tcp reject with tcp reset"), packet).verdict).toBe("drop");
  });
});

describe("NAT", () => {
  const PREROUTING = (rules: string) => chain("prerouting", rules, "accept", "dstnat");
  const POSTROUTING = (rules: string) => chain("postrouting", rules, "accept", "srcnat");
  const FORWARD = chain("forward", "ct status dnat accept");

  function nat(text: string): string {
    return text
      .replaceAll("type filter hook prerouting", "type nat hook prerouting")
      .replaceAll("type filter hook postrouting", "type nat hook postrouting");
  }

  test("a packet goes on with its new address, and by the route to it", () => {
    const ruleset = table(nat(PREROUTING("ip daddr 203.0.113.10 tcp dport 80 dnat ip to 10.1.2.3:8080")), FORWARD);
    const answer = ask(ruleset, { ...V4, dport: 80 });
    expect(answer).toMatchObject({
      verdict: "accept",
      where: "forward",
      outputInterface: "eth1",
      destinationPort: 8080,
    });
    expect(formatAddress(answer.destination)).toBe("10.1.2.3");
    expect(answer.isDestinationChanged).toBe(true);
  });

  test("of the other family it does nothing, and the rule goes on", () => {
    const ruleset = table(nat(PREROUTING("dnat ip to 10.1.2.3\nct state new counter")));
    expect(wayOf(ask(ruleset, V6))).toEqual([
      "prerouting 0 continue",
      "prerouting 1 continue",
      "prerouting policy accept",
    ]);
  });

  test("without a rule that needs connections its chains are not called", () => {
    expect(ask(table(nat(PREROUTING("tcp dport 22 drop"))), V4)).toMatchObject({ verdict: "accept", path: [] });
    const tracked = table(nat(PREROUTING("tcp dport 22 drop")), chain("input", "ct state new accept"));
    expect(ask(tracked, V4).verdict).toBe("drop");
  });

  test("errors about a connection do not come by", () => {
    const ruleset = table(nat(PREROUTING("dnat ip to 10.1.2.3")));
    expect(ask(ruleset, { ...V4, proto: "icmp", icmp_type: 3, ct: "related" }).path).toEqual([]);
  });

  test("redirection leads to the first address of the link", () => {
    const answer = ask(table(nat(PREROUTING("tcp dport 22 redirect to :2222"))), { ...THROUGH });
    expect(answer).toMatchObject({ verdict: "accept", where: "local", destinationPort: 2222 });
    expect(formatAddress(answer.destination)).toBe("203.0.113.10");
  });

  test("masquerading takes the address in the network of the next hop", () => {
    const ruleset = table(nat(POSTROUTING("masquerade")));
    const packet = { ...V4, iif: "eth1", src: "10.1.2.3" };
    expect(formatAddress(ask(ruleset, { ...packet, dst: "9.9.9.9" }).source)).toBe("203.0.113.10");
    expect(formatAddress(ask(ruleset, { ...V4, dst: "192.168.1.77" }).source)).toBe("192.168.1.1");
    const wide = ask(ruleset, { ...V6, iif: "eth1", src: "2001:db8:2::77", dst: "2001:db8:9::9" });
    expect(formatAddress(wide.source)).toBe("2001:db8:1::10");
  });

  test("a port that the kernel draws is not told, and the end is known all the same", () => {
    const ruleset = table(nat(POSTROUTING("meta l4proto tcp masquerade fully-random")));
    expect(ask(ruleset, { ...THROUGH })).toMatchObject({ verdict: "accept", isSourcePortOpen: true });
    expect(ask(table(nat(POSTROUTING("masquerade"))), { ...THROUGH }).isSourcePortOpen).toBeUndefined();
  });
});

describe("iptables", () => {
  function saved(backEnd: string, ...lines: readonly string[]): Ruleset {
    return readIptablesSave(`# Generated by iptables-save v1.8.9 (${backEnd})\n${lines.join("\n")}\n`);
  }

  test("a rule without target is met and goes on", () => {
    const ruleset = saved("nf_tables", "*filter", ":INPUT ACCEPT [0:0]", "-A INPUT", "COMMIT");
    expect(wayOf(ask(ruleset, V4))).toEqual(["INPUT 0 continue", "INPUT policy accept"]);
  });

  test("the security table of the nft back end stands behind source NAT, the kernel's own before it", () => {
    const lines = [
      ...["*security", ":INPUT ACCEPT [0:0]", "-A INPUT -m conntrack --ctstate NEW", "COMMIT"],
      ...["*nat", ":INPUT ACCEPT [0:0]", "COMMIT"],
    ];
    const tablesOf = (backEnd: string) => [
      ...new Set(ask(saved(backEnd, ...lines), V4).path.map(({ table: name }) => name)),
    ];
    expect(tablesOf("nf_tables")).toEqual(["nat", "security"]);
    expect(tablesOf("legacy")).toEqual(["security", "nat"]);
  });
});
