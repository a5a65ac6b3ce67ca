import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InputError } from "../model/errors.js";
import { readNftText } from "./nft-text.js";
import type { Rule, Ruleset } from "./ruleset.js";

function table(rules: string, before = ""): string {
  return `table inet t {\n${before}\tchain c {\n\t\ttype filter hook input priority filter; policy drop;\n${rules}\n\t}\n}\n`;
}

function rulesOf({ tables }: Ruleset): readonly Rule[] {
  return tables[0]?.chains.get("c")?.rules ?? [];
}

function kinds(text: string): string[][] {
  return rulesOf(readNftText(text)).map((rule) => rule.statements.map(({ kind }) => kind));
}

describe("tables, chains and sets", () => {
  test("nothing at all is a ruleset without tables", () => {
    expect(readNftText("")).toEqual({ tables: [], notes: [] });
    expect(readNftText("\n# nothing\nflush ruleset\n")).toEqual({ tables: [], notes: [] });
  });

  test.each([
    ["filter", 0],
    ["filter + 5", 5],
    ["filter - 5", -5],
    ["raw", -300],
    ["mangle", -150],
    ["dstnat", -100],
    ["security", 50],
    ["srcnat", 100],
    ["-450", -450],
    ["12", 12],
  ])("priority %s", (words, priority) => {
    const text = `table ip t {\n chain c {\n type filter hook input priority ${words}; policy accept;\n }\n}\n`;
    expect(readNftText(text).tables[0]?.chains.get("c")?.base?.priority).toBe(priority);
  });

  test("devices stand in the text", () => {
    const devices = (words: string) =>
      readNftText(
        `table netdev t {\n chain c {\n type filter hook ingress ${words} priority -5; policy accept;\n }\n}`,
      ).tables[0]?.chains.get("c")?.base?.devices;
    expect(devices('device "eth0"')).toEqual(["eth0"]);
    expect(devices("devices = { eth0, eth1 }")).toEqual(["eth0", "eth1"]);
  });

  test("a table may be switched off, and belong to iptables", () => {
    const text = `# Warning: table ip filter is managed by iptables-nft, do not touch!
table ip filter {
	flags dormant
	chain c {
		xt match recent counter packets 0 bytes 0 accept
	}
}
table inet own {
}
`;
    const { tables, notes } = readNftText(text);
    expect(tables.map(({ name, origin, isDormant }) => [name, origin, isDormant])).toEqual([
      ["filter", "iptables-nft", true],
      ["own", "nft", false],
    ]);
    expect(notes).toEqual([{ code: "xt-rules", text: expect.stringContaining("iptables-save has them"), line: 2 }]);
  });

  test("handles of -a, and lines", () => {
    const text = `table inet t { # handle 3
	chain c { # handle 1
		type filter hook input priority filter; policy drop;
		tcp dport 22 accept # handle 4
		tcp dport 23 drop comment "x # handle 9" # handle 5
	}
}
`;
    const chain = readNftText(text, "f.nft").tables[0]?.chains.get("c");
    expect(chain?.handle).toBe(1);
    expect(
      chain?.rules.map(({ place, text, comment }) => [place.handle, place.line, place.file, text, comment]),
    ).toEqual([
      [4, 4, "f.nft", "tcp dport 22 accept", undefined],
      [5, 5, "f.nft", 'tcp dport 23 drop comment "x # handle 9"', "x # handle 9"],
    ]);
  });

  test("tables that come twice are read as one; other families are told", () => {
    const text =
      "table inet t {\n chain a {\n }\n}\ntable inet t {\n chain b {\n }\n}\ntable bridge b {\n chain c {\n }\n}\n";
    const { tables, notes } = readNftText(text);
    expect(tables.map(({ chains }) => [...chains.keys()])).toEqual([["a", "b"]]);
    expect(notes.map(({ code, line }) => [code, line])).toEqual([
      ["duplicate-table", 5],
      ["other-family", 9],
    ]);
  });
});

describe("rules", () => {
  test("two conditions that nft merges into a range are two again", () => {
    const [rule] = rulesOf(readNftText(table("tcp dport != 1024-1000 drop")));
    expect(rule?.statements).toMatchObject([
      { comparison: "<", right: { value: 1024 } },
      { comparison: ">", right: { value: 1000 } },
      { kind: "verdict" },
    ]);
  });

  test("numbers stand for names with -n, names for ports with -S", () => {
    const plain = rulesOf(
      readNftText(table("ct state established,new tcp dport 22 fib saddr oif missing meta l4proto tcp")),
    );
    const numeric = rulesOf(readNftText(table("ct state 0x2,0x8 tcp dport 22 fib saddr oif 0 meta l4proto 6")));
    const named = rulesOf(
      readNftText(table('ct state established,new tcp dport "ssh" fib saddr oif missing meta l4proto tcp')),
    );
    expect(numeric[0]?.statements).toEqual(plain[0]?.statements);
    expect(named[0]?.statements).toEqual(plain[0]?.statements);
    const port = (text: string) => rulesOf(readNftText(table(text)))[0]?.statements[1];
    expect(port('meta l4proto tcp dnat ip to 10.0.0.1:"http-alt"')).toEqual(
      port("meta l4proto tcp dnat ip to 10.0.0.1:8080"),
    );
  });

  test("several lines are one rule within braces, and several rules one line", () => {
    expect(kinds(table("tcp dport { 22,\n 23,\n 24 } accept\ntcp dport 1 drop; tcp dport 2 accept"))).toEqual([
      ["match", "verdict"],
      ["match", "verdict"],
      ["match", "verdict"],
    ]);
    expect(rulesOf(readNftText(table("tcp dport { 22,\n 23 } accept")))[0]?.text).toBe("tcp dport { 22, 23 } accept");
  });

  test("limits and quotas with names are those of their objects", () => {
    const objects = "limit slow {\n rate over 5/minute\n }\n quota q {\n over 10 mbytes\n }\n";
    const [rule] = rulesOf(readNftText(table('limit name "slow" quota name "q" limit name "none"', objects)));
    expect(rule?.statements.map((one) => (one.kind === "budget" ? one.first : one.kind))).toEqual([
      false,
      false,
      undefined,
    ]);
  });
});

describe("what is not understood", () => {
  test("a statement that is not known stays in its place, and the rest of the file is read", () => {
    const text = table("tcp dport 22 frobnicate 5 { a, b } accept\ntcp dport 23 accept\nquux\ntcp dport 24 accept");
    const read = readNftText(text, "f.nft");
    expect(rulesOf(read).map((rule) => rule.statements.map(({ kind }) => kind))).toEqual([
      ["match", "unknown"],
      ["match", "verdict"],
      ["unknown"],
      ["match", "verdict"],
    ]);
    expect(rulesOf(read)[0]?.statements[1]).toEqual({ kind: "unknown", text: "frobnicate 5 { a, b } accept" });
    expect(read.notes.map(({ code, line, file }) => [code, line, file])).toEqual([
      ["not-understood", 4, "f.nft"],
      ["not-understood", 6, "f.nft"],
    ]);
  });

  test("a set that is not known does not hide the rest", () => {
    const text = table("ip saddr @s accept", "set s {\n type ipv4_addr\n frobs { 1 }\n elements = { 10.0.0.1 }\n }\n");
    const read = readNftText(text);
    expect(read.tables[0]?.sets.get("s")?.unknown).toContain("frobs");
    expect(rulesOf(read)).toHaveLength(1);
    expect(read.notes.map(({ code, line }) => [code, line])).toEqual([["unknown-set", 2]]);
  });

  test("parts of a table that are not known are skipped and told", () => {
    const text = table("accept", "\ttunnel x {\n id 5 { a b }\n }\n\tfrob;\n");
    const read = readNftText(text);
    expect(rulesOf(read)).toHaveLength(1);
    expect(read.notes.map(({ line }) => line)).toEqual([2, 5]);
  });

  test.each(["x", "{}", "-A INPUT -j ACCEPT", "*filter", '{"nftables": []}', "}"])("no listing at all: %s", (text) => {
    expect(() => readNftText(text, "f.nft")).toThrow(InputError);
    expect(() => readNftText(text, "f.nft")).toThrow(/^f\.nft:1:1: a table of nftables was expected/);
  });

  test("a file that ends in the middle gives what it has, and an unknown end", () => {
    const whole = table("tcp dport 22 accept\n tcp dport 23 accept");
    const read = readNftText(whole.slice(0, whole.indexOf("23 acc") + 4));
    expect(rulesOf(read).map((rule) => rule.statements.map(({ kind }) => kind))).toEqual([
      ["match", "verdict"],
      ["unknown"],
    ]);
    expect(read.notes).toMatchObject([{ code: "cut", line: 5 }]);
    const inSet = readNftText("table inet t {\n set s {\n type ipv4_addr\n elements = { 10.0.0.1,\n 10.0");
    expect(inSet.tables[0]?.sets.get("s")?.unknown).toContain("the end of the listing");
    expect(inSet.notes.map(({ code }) => code)).toEqual(["cut", "unknown-set"]);
  });

  test("cut anywhere, a listing makes no rule that is not there", () => {
    const whole = table(
      'ip saddr @s tcp dport { 22, 80-90 } accept comment "x"\n counter drop',
      "set s {\n type ipv4_addr\n}\n",
    );
    const texts = rulesOf(readNftText(whole)).map(({ text }) => text);
    for (let at = 0; at < whole.length; at++) {
      for (const rule of readOrNothing(whole.slice(0, at))) {
        expect([...texts, "(the listing ends here)"]).toContain(rule.text);
      }
    }
  });

  test("brackets without end", () => {
    expect(kinds(table(`ip saddr & ${"(".repeat(100_000)} accept`))).toEqual([["unknown"]]);
    expect(kinds(table(`meta mark set ${"jhash ".repeat(100)} accept`))).toEqual([["unknown"]]);
    expect(kinds(table("meter m { ip saddr ".repeat(100_000)))).toEqual([["unknown"]]);
    expect(kinds(table(`tcp dport ${"{ ".repeat(10_000)}`))).toEqual([["unknown"]]);
  });
});

function readOrNothing(text: string): readonly Rule[] {
  try {
    return rulesOf(readNftText(text));
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return [];
  }
}

test("no text makes the reader throw anything but InputError", () => {
  const words = fc.constantFrom(
    ..."table chain set map type hook input priority filter policy inet ip ip6 t c elements = { } ( ) ; , . : | & / - @s".split(
      " ",
    ),
    ..."tcp dport saddr 22 80-90 10.0.0.0/8 ct state new == != < vmap map accept jump limit rate 5/second over log".split(
      " ",
    ),
    ..."dnat to [::1]:80 1.2.3.4:5 meta mark set 0x1 @nh,0,8 fib oif exists add update @th , counter comment".split(
      " ",
    ),
    ...[
      "\n",
      '"a b"',
      "#",
      '"',
      "\\",
      "typeof",
      "flags",
      "reject",
      "with",
      "icmp",
      "option",
      "numgen",
      "queue",
      "meter",
    ],
  );
  const read = (text: string) => {
    for (const rule of readOrNothing(text)) expect(typeof rule.text).toBe("string");
  };
  fc.assert(fc.property(fc.string(), read));
  fc.assert(fc.property(fc.array(words, { maxLength: 40 }), (list) => read(`table inet t {\n${list.join(" ")}`)));
  fc.assert(
    fc.property(fc.array(words, { maxLength: 30 }), (list) => read(table(list.join(" ")))),
    { numRuns: 2000 },
  );
});
