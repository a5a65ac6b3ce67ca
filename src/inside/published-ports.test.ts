// The texts in published-ports.test.data are what nft 1.0.6 and iptables-save 1.8.9 wrote of rules that were loaded into a
// namespace: `nft -j list ruleset` of nftables' own, `iptables-save -t nat` and `nft -j list ruleset` of the same of iptables.
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type PublishedPort, portsByRules } from "./published-ports.js";

function data(name: string): string {
  return readFileSync(new URL(`published-ports.test.data/${name}`, import.meta.url), "utf8");
}

/** "tcp 192.0.2.1:80 -> 10.0.0.2:8080", with what else is to be known of it. */
function shown(port: PublishedPort): string {
  const { protocol, hostAddress, hostPorts, target, toAddress, toPorts, inInterface, sources, hooks } = port;
  const to = `${toAddress ?? target}${toPorts === undefined ? "" : `:${portsText(toPorts)}`}`;
  const notes = [
    inInterface === undefined ? "" : `by ${inInterface.isExcept ? "not " : ""}${inInterface.name}`,
    sources.length === 0 ? "" : `from ${sources.join(" and ")}`,
    hooks.length === 2 ? "" : hooks.join(),
    port.isShared ? "shared" : "",
    port.isCertain ? "" : "perhaps",
  ].filter((note) => note !== "");
  const from = `${protocol ?? "any"} ${hostAddress ?? "*"}:${hostPorts === undefined ? "*" : portsText(hostPorts)}`;
  return [`${from} -> ${to}`, ...notes].join(", ");
}

function portsText([first, last]: readonly [number, number]): string {
  return first === last ? String(first) : `${first}-${last}`;
}

function byIptables(text: string, family: 4 | 6 = 4): readonly string[] {
  const texts = { iptables: [], ip6tables: [], nft: undefined };
  const ports = portsByRules({ ...texts, [family === 4 ? "iptables" : "ip6tables"]: [text] }).ports;
  return ports.map(shown);
}

/** Rules of the chain PREROUTING. */
function byRules(...rules: readonly string[]): readonly string[] {
  return byIptables(["*nat", ":PREROUTING ACCEPT [0:0]", ...rules.map((rule) => `-A ${rule}`), "COMMIT"].join("\n"));
}

describe("iptables-save", () => {
  test("of docker, Kubernetes and others", () => {
    expect(byIptables(data("iptables-save.txt"))).toMatchInlineSnapshot(`
      [
        "tcp 10.96.0.20:80 -> 10.244.1.2:8080, shared",
        "tcp 10.96.0.20:80 -> 10.244.1.3:8080, shared",
        "tcp *:30080 -> 10.244.1.2:8080, shared",
        "tcp *:30080 -> 10.244.1.3:8080, shared",
        "tcp *:8080 -> 172.17.0.2:80, by not docker0",
        "udp 127.0.0.1:5353 -> 172.17.0.3:53, by not docker0",
        "tcp *:81 -> own:3128, prerouting",
        "tcp *:82 -> own:3128, prerouting",
        "tcp *:90-95 -> own:3128, prerouting",
        "any 192.0.2.9:* -> 10.9.9.9, prerouting",
        "tcp *:7000-7010 -> 10.0.0.5:7000-7010, prerouting",
        "tcp *:22 -> 10.0.0.6, from 198.51.100.0/24, prerouting, perhaps",
      ]
    `);
  });

  test.each<[what: string, rules: readonly string[], expected: readonly string[]]>([
    [
      "ports and addresses",
      ["PREROUTING -p tcp --dport 80 -j DNAT --to-destination 10.0.0.2:8080"],
      ["tcp *:80 -> 10.0.0.2:8080, prerouting"],
    ],
    [
      "only the address",
      ["PREROUTING -p tcp --dport 80 -j DNAT --to-destination 10.0.0.2"],
      ["tcp *:80 -> 10.0.0.2, prerouting"],
    ],
    [
      "only the port",
      ["PREROUTING -p tcp --dport 80 -j DNAT --to-destination :8080"],
      ["tcp *:80 -> same:8080, prerouting"],
    ],
    [
      "a range of addresses",
      ["PREROUTING -p udp --dport 53 -j DNAT --to-destination 10.0.0.2-10.0.0.5:53"],
      ["udp *:53 -> 10.0.0.2-10.0.0.5:53, prerouting"],
    ],
    [
      "a base for ports",
      ["PREROUTING -p tcp --dport 5000:5010 -j DNAT --to-destination 10.0.0.2:6000-6010/5000"],
      ["tcp *:5000-5010 -> 10.0.0.2:6000-6010, prerouting"],
    ],
    [
      "a whole network",
      ["PREROUTING -d 192.0.2.0/24 -j NETMAP --to 10.0.0.0/24"],
      ["any 192.0.2.0/24:* -> unknown, prerouting, perhaps"],
    ],
    [
      "who may",
      ["PREROUTING ! -s 10.0.0.0/8 -p tcp --dport 80 -j REDIRECT --to-ports 3128"],
      ["tcp *:80 -> own:3128, from !10.0.0.0/8, prerouting"],
    ],
    [
      "what is excepted",
      ["PREROUTING -p tcp ! --dport 22 -j DNAT --to-destination 10.0.0.2"],
      ["tcp *:* -> 10.0.0.2, prerouting, perhaps"],
    ],
    [
      "a match that is not known",
      ["PREROUTING -p tcp --dport 80 -m time --timestart 08:00 -j DNAT --to-destination 10.0.0.2"],
      ["tcp *:80 -> 10.0.0.2, prerouting, perhaps"],
    ],
    [
      "a match without options",
      ["PREROUTING -m socket -p tcp --dport 80 -j DNAT --to-destination 10.0.0.2"],
      ["tcp *:80 -> 10.0.0.2, prerouting, perhaps"],
    ],
    [
      "a comment like an option",
      ['PREROUTING -m comment --comment "-j ! \\" x" -p tcp --dport 80 -j DNAT --to-destination 10.0.0.2'],
      ["tcp *:80 -> 10.0.0.2, prerouting"],
    ],
    [
      "a destination that is none",
      ["PREROUTING -p tcp --dport 80 -j DNAT --to-destination x"],
      ["tcp *:80 -> unknown, prerouting, perhaps"],
    ],
    ["a rule without packets", ["PREROUTING -p tcp --dport 80 -j X", "X -p udp -j DNAT --to-destination 10.0.0.2"], []],
    [
      "a chain that narrows",
      ["PREROUTING -d 192.0.2.0/24 -j X", "X -d 192.0.2.7 -p tcp -j DNAT --to-destination 10.0.0.2"],
      ["tcp 192.0.2.7:* -> 10.0.0.2, prerouting"],
    ],
    ["a chain that is not there", ["PREROUTING -j NOWHERE"], []],
    [
      "a chain that calls itself",
      ["PREROUTING -j X", "X -j X", "X -p tcp --dport 1 -j REDIRECT"],
      ["tcp *:1 -> own, prerouting"],
    ],
    [
      "what an earlier rule has taken",
      [
        "PREROUTING -p tcp --dport 80 -j DNAT --to-destination 10.0.0.2",
        "PREROUTING -p tcp --dport 80 -j DNAT --to-destination 10.0.0.3",
      ],
      ["tcp *:80 -> 10.0.0.2, prerouting"],
    ],
    [
      "what an earlier rule has perhaps taken",
      [
        "PREROUTING -p tcp -m limit --limit 1/sec -j DNAT --to-destination 10.0.0.2",
        "PREROUTING -p tcp --dport 80 -j DNAT --to-destination 10.0.0.3",
      ],
      ["tcp *:* -> 10.0.0.2, prerouting, perhaps", "tcp *:80 -> 10.0.0.3, prerouting, perhaps"],
    ],
    [
      "what is accepted as it is",
      ["PREROUTING -p tcp --dport 80 -j ACCEPT", "PREROUTING -p tcp --dport 80 -j REDIRECT --to-ports 1"],
      [],
    ],
    [
      "what is accepted on one address",
      ["PREROUTING -d 192.0.2.1 -j ACCEPT", "PREROUTING -p tcp --dport 80 -j REDIRECT --to-ports 1"],
      ["tcp *:80 -> own:1, prerouting, perhaps"],
    ],
    [
      "what is accepted by one interface",
      ["PREROUTING -i br0 -j ACCEPT", "PREROUTING -p tcp --dport 80 -j REDIRECT --to-ports 1"],
      ["tcp *:80 -> own:1, prerouting"],
    ],
    [
      "a return",
      [
        "PREROUTING -j X",
        "PREROUTING -p tcp --dport 80 -j REDIRECT --to-ports 1",
        "X -p tcp -j RETURN",
        "X -p tcp --dport 80 -j REDIRECT --to-ports 2",
      ],
      ["tcp *:80 -> own:1, prerouting"],
    ],
    [
      "a goto does not come back",
      [
        "PREROUTING -p tcp -g X",
        "PREROUTING -p tcp --dport 80 -j REDIRECT --to-ports 1",
        "X -p tcp --dport 81 -j REDIRECT --to-ports 2",
      ],
      ["tcp *:81 -> own:2, prerouting"],
    ],
    [
      "marks change nothing",
      ["PREROUTING -p tcp -j MARK --set-xmark 0x1/0x1", "PREROUTING -p tcp --dport 80 -j REDIRECT"],
      ["tcp *:80 -> own, prerouting"],
    ],
    ["counters", ["PREROUTING -c 5 60 -p tcp --dport 80 -j REDIRECT --to-ports 1"], ["tcp *:80 -> own:1, prerouting"]],
  ])("%s", (_what, rules, expected) => {
    expect(byRules(...rules)).toEqual(expected);
  });

  test("IPv6", () => {
    const rules = ["fd00::2", "[fd00::2]:80", "[fd00::2-fd00::9]:80-90"].map(
      (to, at) => `-A PREROUTING -d 2001:db8::1/128 -p tcp --dport ${at} -j DNAT --to-destination ${to}`,
    );
    expect(byIptables(["*nat", ":PREROUTING ACCEPT", ...rules].join("\n"), 6)).toEqual([
      "tcp 2001:db8::1:0 -> fd00::2, prerouting",
      "tcp 2001:db8::1:1 -> fd00::2:80, prerouting",
      "tcp 2001:db8::1:2 -> fd00::2-fd00::9:80-90, prerouting",
    ]);
  });

  test("other tables are passed over", () => {
    const rule = "-A PREROUTING -p tcp --dport 80 -j DNAT --to-destination 10.0.0.2";
    expect(byIptables(`*mangle\n:PREROUTING ACCEPT [0:0]\n${rule}\nCOMMIT\n`)).toEqual([]);
  });
});

describe("nft", () => {
  const byNft = (nft: string) => portsByRules({ iptables: [], ip6tables: [], nft });

  test("of sets, maps and verdicts", () => {
    expect(byNft(data("nft-ruleset.txt")).ports.map(shown)).toMatchInlineSnapshot(`
      [
        "tcp *:8080 -> 10.0.0.2:80, by eth0, prerouting",
        "udp *:53 -> 10.0.0.3, by not docker0, prerouting",
        "udp *:5353 -> 10.0.0.3, by not docker0, prerouting",
        "tcp *:8081 -> 10.0.0.8:80, prerouting",
        "tcp *:8090-8099 -> 10.0.0.8:80, prerouting",
        "tcp *:80 -> 10.0.0.9, prerouting",
        "tcp *:443 -> 10.0.0.10, prerouting",
        "tcp *:7001 -> 10.1.0.5:80, prerouting",
        "tcp *:7002 -> 10.1.0.6:80, prerouting",
        "tcp *:2222 -> own:22, prerouting",
        "tcp *:3000-3010 -> own:4000-4010, prerouting",
        "tcp *:9000 -> 10.0.0.4:9000-9010, from 192.0.2.0/24, prerouting",
        "tcp *:9100 -> 10.0.0.4, prerouting, perhaps",
        "udp 10.96.0.10:53 -> 10.244.0.2:53, prerouting, shared",
        "udp 10.96.0.10:53 -> 10.244.0.3:53, prerouting, shared",
        "tcp *:6001 -> 10.0.0.8:80, prerouting",
        "tcp 192.0.2.1:7777 -> 10.0.0.7:7, prerouting",
        "tcp 198.51.100.0/24:7777 -> 10.0.0.7:7, prerouting",
        "tcp *:5060 -> 10.0.0.11, prerouting",
        "udp *:5060 -> 10.0.0.11, prerouting",
        "tcp 192.0.2.200:* -> 10.0.0.12, prerouting, perhaps",
        "tcp *:8080 -> fd00::2:80, prerouting",
        "tcp 2001:db8::/64:8443 -> fd00::3:443, prerouting",
        "tcp 127.0.0.0/8:8080 -> 10.0.0.2:80, output",
      ]
    `);
  });

  test("does not say where rules of iptables lead", () => {
    const ports = byNft(data("nft-of-iptables.txt")).ports;
    expect(ports.length).toBeGreaterThan(5);
    expect(ports.every(({ isCertain }) => !isCertain)).toBe(true);
  });

  test("is not asked for the tables that iptables-save has told of", () => {
    const iptables = [data("iptables-save.txt")];
    const both = portsByRules({ iptables, ip6tables: [], nft: data("nft-of-iptables.txt") });
    expect(both).toEqual(portsByRules({ iptables, ip6tables: [], nft: undefined }));
  });

  test.each(["{", "[]", '{"nftables": 7}', "nft: command not found"])("%j is not its text", (nft) => {
    expect(byNft(nft)).toEqual({ ports: [], isCut: false, isUnreadable: true });
  });

  test("what is not understood makes a row uncertain", () => {
    const rule = (...expr: readonly unknown[]) => ({ rule: { family: "ip", table: "t", chain: "c", handle: 1, expr } });
    const base = { chain: { family: "ip", table: "t", name: "c", type: "nat", hook: "prerouting", prio: -100 } };
    const dnat = { dnat: { addr: "10.0.0.2" } };
    const dport = { match: { op: "==", left: { payload: { protocol: "tcp", field: "dport" } }, right: 80 } };
    const rows = (...expr: readonly unknown[]) =>
      byNft(JSON.stringify({ nftables: [base, rule(...expr)] })).ports.map(shown);
    expect(rows(dport, dnat)).toEqual(["tcp *:80 -> 10.0.0.2, prerouting"]);
    expect(rows(dport, { novelty: {} }, dnat)).toEqual(["tcp *:80 -> 10.0.0.2, prerouting, perhaps"]);
    expect(rows(dport, { dnat: { addr: { novelty: 1 } } })).toEqual(["tcp *:80 -> unknown, prerouting, perhaps"]);
    expect(rows(dport, { dnat: { addr: "10.0.0.2", port: "@x" } })).toEqual([
      "tcp *:80 -> 10.0.0.2, prerouting, perhaps",
    ]);
    expect(rows({ vmap: { key: {}, data: "@gone" } }, dport, dnat)).toEqual([
      "tcp *:80 -> 10.0.0.2, prerouting, perhaps",
    ]);
    const inGone = { match: { op: "==", left: { payload: { protocol: "tcp", field: "dport" } }, right: "@gone" } };
    expect(rows(inGone, dnat)).toEqual(["any *:* -> 10.0.0.2, prerouting, perhaps"]);
  });
});

test("no text at all makes it throw, or run without end", () => {
  const words =
    '*nat|:PREROUTING ACCEPT|:X -|-A PREROUTING|-A X|-j X|-g X|-j DNAT|--to-destination|1.2.3.4:5|-p tcp|--dport|80|!|-m|\n|"';
  const piece = fc.oneof(fc.constantFrom(...words.split("|")), fc.string({ maxLength: 8 }));
  const text = fc.array(piece, { maxLength: 60 }).map((pieces) => pieces.join(" "));
  const json = fc.json({ maxDepth: 6 }).map((value) => `{"nftables":[{"rule":${value}},{"chain":${value}}]}`);
  fc.assert(
    fc.property(text, fc.oneof(json, fc.string()), (iptables, nft) => {
      portsByRules({ iptables: [`*nat\n${iptables}`], ip6tables: [iptables], nft });
    }),
  );
});

test("chains that call each other without end are cut", () => {
  const chains = Array.from({ length: 40 }, (_none, at) => `X${at}`);
  const rules = chains.flatMap((chain, at) =>
    Array.from({ length: 10 }, () => `-A ${chain} -j ${chains[at + 1] ?? "X0"}`),
  );
  const { isCut } = portsByRules({
    iptables: [["*nat", ":PREROUTING ACCEPT", "-A PREROUTING -j X0", ...rules].join("\n")],
    ip6tables: [],
    nft: undefined,
  });
  expect(isCut).toBe(true);
});
