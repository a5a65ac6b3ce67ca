import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InputError } from "../model/errors.js";
import type { Expression } from "./expression.js";
import { readNftJson } from "./nft-json.js";
import type { Ruleset } from "./ruleset.js";
import type { Statement } from "./statement.js";

const TCP_DPORT = { payload: { protocol: "tcp", field: "dport" } };
const IP_SADDR = { payload: { protocol: "ip", field: "saddr" } };

function listing(...parts: readonly unknown[]): string {
  return JSON.stringify({ nftables: [{ metainfo: { version: "1.0.6", json_schema_version: 1 } }, ...parts] });
}

function ruleset(expr: readonly unknown[], family = "inet"): string {
  return listing(
    { table: { family, name: "t", handle: 1 } },
    { chain: { family, table: "t", name: "c", handle: 1, type: "filter", hook: "input", prio: 0, policy: "drop" } },
    { rule: { family, table: "t", chain: "c", handle: 7, expr } },
  );
}

function ruleOf({ tables }: Ruleset) {
  return tables[0]?.chains.get("c")?.rules[0];
}

function statements(expr: readonly unknown[], family = "inet"): readonly Statement[] {
  return ruleOf(readNftJson(ruleset(expr, family)))?.statements ?? [];
}

function match(left: unknown, op: string, right: unknown): Statement | undefined {
  return statements([{ match: { op, left, right } }])[0];
}

function constantOf(expression: unknown): unknown {
  const { kind, ...rest } = expression as Expression;
  if (kind === "value" && "value" in rest) return rest.value;
  if (kind === "range" && "low" in rest) return [constantOf(rest.low), constantOf(rest.high)];
  return kind;
}

function comparisons(json: unknown): unknown[] {
  return statements([json]).map((one) => (one.kind === "match" ? [one.comparison, constantOf(one.right)] : one.kind));
}

describe("traps", () => {
  test("devices that JSON leaves out are not known", () => {
    const text = listing(
      { table: { family: "netdev", name: "t", handle: 1 } },
      {
        chain: { family: "netdev", table: "t", name: "c", type: "filter", hook: "ingress", prio: -500, policy: "drop" },
      },
    );
    const base = readNftJson(text).tables[0]?.chains.get("c")?.base;
    expect(base).toEqual({ type: "filter", hook: "ingress", priority: -500, policy: "drop" });
  });

  test("ct state comes as text, list or set", () => {
    const left = { ct: { key: "state" } };
    expect(comparisons({ match: { op: "in", left, right: "new" } })).toEqual([["in", 8]]);
    expect(comparisons({ match: { op: "in", left, right: ["new", "untracked"] } })).toEqual([["in", 72]]);
    expect(match(left, "==", { set: ["new", "established"] })).toMatchObject({
      comparison: "==",
      right: { elements: [{ key: [{ low: 8, high: 8 }] }, { key: [{ low: 2, high: 2 }] }] },
    });
  });

  test("'!' is none of the bits", () => {
    expect(match({ ct: { key: "state" } }, "!", ["invalid", "new"])).toMatchObject({
      comparison: "==",
      left: { kind: "binary", operator: "&", right: { value: 9 } },
      right: { value: 0 },
    });
  });

  test("ICMP codes carry type 3's names for any type", () => {
    const left = { payload: { protocol: "icmp", field: "code" } };
    expect(comparisons({ match: { op: "==", left, right: "host-unreachable" } })).toEqual([["==", 1]]);
  });

  test("two conditions that nft merges into a range are two again", () => {
    const not = { match: { op: "!=", left: TCP_DPORT, right: { range: [1024, 1000] } } };
    expect(comparisons(not)).toEqual([
      ["<", 1024],
      [">", 1000],
    ]);
    const both = { match: { op: "==", left: TCP_DPORT, right: { range: [1024, 1000] } } };
    expect(comparisons(both)).toEqual([
      [">=", 1024],
      ["<=", 1000],
    ]);
    const plain = { match: { op: "!=", left: TCP_DPORT, right: { range: [1000, 1024] } } };
    expect(comparisons(plain)).toEqual([["!=", [1000, 1024]]]);
  });

  test("reject alone has no more than null", () => {
    const ports = { ipv4: "icmp-port-unreachable", ipv6: "icmp6-port-unreachable" };
    expect(statements([{ reject: null }])).toEqual([{ kind: "reject", ...ports }]);
    expect(statements([{ reject: null }], "ip")).toEqual([{ kind: "reject", ...ports, ipv6: undefined }]);
    expect(statements([{ reject: { type: "icmp", expr: "admin-prohibited" } }])).toEqual([
      { kind: "reject", ipv4: "icmp-admin-prohibited", ipv6: undefined },
    ]);
  });

  test("limits answer for the first packet", () => {
    const first = (json: unknown) => statements([json]).map((one) => (one.kind === "budget" ? one.first : one.kind));
    expect(first({ limit: { rate: 5, burst: 5, per: "second" } })).toEqual([true]);
    expect(first({ limit: { rate: 5, burst: 5, per: "second", inv: true } })).toEqual([false]);
    expect(first({ limit: { rate: 10, burst: 0, per: "second", rate_unit: "bytes", burst_unit: "bytes" } })).toEqual([
      undefined,
    ]);
    expect(first({ quota: { val: 10, val_unit: "mbytes", inv: true } })).toEqual([false]);
    expect(first({ quota: { val: 10, val_unit: "bytes" } })).toEqual([false]);
    expect(first({ "ct count": { val: 20, inv: true } })).toEqual([false]);
    expect(first({ "ct count": { val: 0 } })).toEqual([false]);
  });

  test("the type of a map's data is one text, and verdict maps come before their chains", () => {
    const text = listing(
      { table: { family: "inet", name: "t" } },
      {
        map: {
          family: "inet",
          table: "t",
          name: "m",
          type: "inet_service",
          map: "ipv4_addr . inet_service",
          elem: [[80, { concat: ["10.0.0.1", 8080] }]],
        },
      },
      {
        map: {
          family: "inet",
          table: "t",
          name: "v",
          type: "inet_service",
          map: "verdict",
          elem: [
            [22, { jump: { target: "c" } }],
            ["*", { drop: null }],
          ],
        },
      },
      { chain: { family: "inet", table: "t", name: "c" } },
    );
    const sets = readNftJson(text).tables[0]?.sets;
    expect(sets?.get("m")?.elements[0]?.data).toMatchObject({
      kind: "concat",
      parts: [{ value: 0x0a000001 }, { value: 8080 }],
    });
    expect(sets?.get("v")).toMatchObject({
      elements: [{ data: { kind: "jump", chain: "c" } }],
      fallback: { kind: "drop" },
    });
  });

  test("the width of an integer is taken from the rules", () => {
    const text = listing(
      { table: { family: "inet", name: "t" } },
      { set: { family: "inet", table: "t", name: "s", type: "integer", elem: [{ range: [5, 10] }] } },
      { chain: { family: "inet", table: "t", name: "c" } },
      {
        rule: {
          family: "inet",
          table: "t",
          chain: "c",
          expr: [{ match: { op: "==", left: { payload: { protocol: "vlan", field: "id" } }, right: "@s" } }],
        },
      },
    );
    expect(readNftJson(text).tables[0]?.sets.get("s")?.types).toEqual([{ name: "integer", bits: 12, form: "number" }]);
  });

  test("rules of iptables are declined, with what has them", () => {
    const read = readNftJson(ruleset([{ xt: { type: "match", name: "multiport" } }, { accept: null }], "ip"));
    expect(read.tables[0]?.origin).toBe("iptables-nft");
    expect(read.notes).toEqual([{ code: "xt-rules", text: expect.stringContaining("iptables-save has them") }]);
    expect(ruleOf(read)?.statements[0]).toEqual({ kind: "unknown", text: "xt match multiport" });
  });

  test("flags of a table that nft 1.0.6 makes up are told", () => {
    const flags = (value: unknown) => readNftJson(listing({ table: { family: "inet", name: "t", flags: value } }));
    expect(flags("inet").notes[0]?.code).toBe("unknown-flags");
    expect(flags(["dormant"]).tables[0]?.isDormant).toBe(true);
  });

  test("a field of ICMP asks for its type, which the listing leaves out", () => {
    const left = { payload: { protocol: "icmp", field: "mtu" } };
    expect(statements([{ match: { op: "==", left, right: 1280 } }])[0]).toMatchObject({
      left: { field: { field: "type" } },
      right: { elements: [{ key: [{ low: 3, high: 3 }] }] },
    });
  });

  test("statements that JSON has as text are read as text", () => {
    expect(statements(["update @m { ip saddr timeout 1m : tcp dport }"])).toMatchObject([
      { kind: "update-set", set: "m", operation: "update", key: { field: { field: "saddr" } } },
    ]);
  });

  test("an interface without a name is a number, a name with a star of its own no pattern", () => {
    expect(comparisons({ match: { op: "==", left: { meta: { key: "iif" } }, right: "7" } })).toEqual([["==", 7]]);
    expect(match({ meta: { key: "iifname" } }, "==", "eth*")).toMatchObject({ right: { value: "eth*" } });
    expect(match({ meta: { key: "iifname" } }, "==", "eth\\*")).toMatchObject({
      right: { elements: [{ key: [{ text: "eth*", isPrefix: false }] }] },
    });
  });

  test("an element that has a limit of its own hangs on it", () => {
    const right = { set: [{ elem: { val: "10.0.0.1", limit: { rate: 5, burst: 5, per: "second" } } }] };
    expect(match(IP_SADDR, "==", right)).toMatchObject({
      right: { elements: [{ condition: "the element's own limit rate 5/second" }] },
    });
  });
});

describe("what is not known", () => {
  test("unknown keys are named and make the statement unknown, those beside it are read", () => {
    const read = readNftJson(
      ruleset([
        { match: { op: "==", left: IP_SADDR, right: "10.0.0.1" } },
        {
          match: {
            op: "==",
            left: { payload: { protocol: "ip", field: "saddr", tunnel: "vxlan" } },
            right: "10.0.0.1",
          },
        },
        { frobnicate: null },
        { accept: null },
      ]),
    );
    expect(ruleOf(read)?.statements.map(({ kind }) => kind)).toEqual(["match", "unknown", "unknown", "verdict"]);
    expect(read.notes.map(({ code }) => code)).toEqual(["unknown-key", "not-understood"]);
    expect(read.notes[0]?.text).toContain('"tunnel"');
    expect(read.notes[1]?.text).toContain("frobnicate");
  });

  test("families that are not walked, chains and sets that are missing", () => {
    const read = readNftJson(
      listing(
        { table: { family: "bridge", name: "b" } },
        { chain: { family: "bridge", table: "b", name: "c" } },
        { table: { family: "inet", name: "t" } },
        { chain: { family: "inet", table: "t", name: "c" } },
        { rule: { family: "inet", table: "t", chain: "c", expr: [{ jump: { target: "nowhere" } }] } },
        {
          rule: {
            family: "inet",
            table: "t",
            chain: "c",
            expr: [{ match: { op: "==", left: IP_SADDR, right: "@none" } }],
          },
        },
      ),
    );
    expect(read.tables.map(({ family }) => family)).toEqual(["inet"]);
    expect(read.notes.map(({ code }) => code)).toEqual(["other-family", "missing-chain", "missing-set"]);
  });

  test("chains that go in a circle are kept", () => {
    const chain = (name: string) => ({ chain: { family: "ip", table: "t", name } });
    const jump = (name: string, target: string) => ({
      rule: { family: "ip", table: "t", chain: name, expr: [{ jump: { target } }] },
    });
    const read = readNftJson(
      listing({ table: { family: "ip", name: "t" } }, chain("a"), chain("b"), jump("a", "b"), jump("b", "a")),
    );
    expect([...(read.tables[0]?.chains.keys() ?? [])]).toEqual(["a", "b"]);
    expect(read.notes).toEqual([]);
  });

  test("a set with an element that is none is not known", () => {
    const read = readNftJson(
      listing(
        { table: { family: "inet", name: "t" } },
        { set: { family: "inet", table: "t", name: "s", type: "ipv4_addr", elem: ["10.0.0.1", "example.com"] } },
      ),
    );
    expect(read.tables[0]?.sets.get("s")?.unknown).toContain("example.com");
    expect(read.notes[0]?.code).toBe("unknown-set");
  });

  test("a listing that ends in the middle gives what it has, and an unknown end", () => {
    const whole = listing(
      { table: { family: "inet", name: "t" } },
      { chain: { family: "inet", table: "t", name: "c" } },
      { chain: { family: "inet", table: "t", name: "d" } },
      { rule: { family: "inet", table: "t", chain: "c", expr: [{ accept: null }] } },
      { rule: { family: "inet", table: "t", chain: "d", expr: [{ drop: null }] } },
    );
    const read = readNftJson(whole.slice(0, whole.indexOf('{"rule":{"family":"inet","table":"t","chain":"d"') + 20));
    expect(read.notes[0]?.code).toBe("cut");
    const kinds = [...(read.tables[0]?.chains.values() ?? [])].map((chain) =>
      chain.rules.map((rule) => rule.statements.map(({ kind }) => kind)),
    );
    expect(kinds).toEqual([[["verdict"], ["unknown"]], [["unknown"]]]);
  });

  test("duplicate tables are read as one, names of JavaScript's own are names", () => {
    const text = `{"nftables": [
      {"table": {"family": "inet", "name": "__proto__"}}, {"table": {"family": "inet", "name": "__proto__"}},
      {"chain": {"family": "inet", "table": "__proto__", "name": "__proto__"}},
      {"rule": {"family": "inet", "table": "__proto__", "chain": "__proto__", "expr": [{"__proto__": null}, {"constructor": 1}]}}
    ]}`;
    const read = readNftJson(text);
    expect(read.tables).toHaveLength(1);
    expect(read.notes.map(({ code }) => code)).toContain("duplicate-table");
    expect(read.tables[0]?.chains.get("__proto__")?.rules[0]?.statements.map(({ kind }) => kind)).toEqual([
      "unknown",
      "unknown",
    ]);
  });
});

describe("what is no listing", () => {
  test.each([
    ["", 1],
    ["table inet t {}", 1],
    ["[]", 1],
    ["{}", 1],
    ['{"nftables": 5}', 1],
    ['{\n "nftables": [\n  {,}]}', 3],
  ])("%j", (text, line) => {
    expect(() => readNftJson(text, "f.json")).toThrow(InputError);
    try {
      readNftJson(text, "f.json");
    } catch (error) {
      expect((error as InputError).place).toMatchObject({ file: "f.json", line });
    }
  });

  test("brackets without end", () => {
    expect(() => readNftJson("[".repeat(1_000_000))).toThrow(/more than 256 brackets/);
    expect(() => readNftJson(`{"nftables": [${'{"a":'.repeat(300)}`)).toThrow(InputError);
  });
});

test("sets of hundreds of thousands of elements are read in bounded time", () => {
  const elem = Array.from({ length: 200_000 }, (_, at) => `10.${at >> 16}.${(at >> 8) & 255}.${at & 255}`);
  const text = listing(
    { table: { family: "inet", name: "t" } },
    { set: { family: "inet", table: "t", name: "s", type: "ipv4_addr", elem } },
  );
  const startedAtMs = performance.now();
  expect(readNftJson(text).tables[0]?.sets.get("s")?.elements).toHaveLength(200_000);
  expect(performance.now() - startedAtMs).toBeLessThan(3000);
});

test("no JSON makes the reader throw anything else", () => {
  const words = fc.constantFrom(
    ..."table chain rule set map family name inet ip expr match left right op == in payload protocol field tcp dport elem".split(
      " ",
    ),
    ..."val concat range prefix addr len @s jump target vmap key data accept counter limit rate reject type".split(" "),
  );
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof({ maxDepth: 6 }, words, fc.integer(), fc.constant(null), fc.boolean(), tie("list"), tie("object")),
    list: fc.array(tie("tree"), { maxLength: 4 }),
    object: fc.dictionary(words, tie("tree"), { maxKeys: 4 }),
  }));
  fc.assert(
    fc.property(fc.array(tree), (parts) => {
      const text = JSON.stringify({ nftables: parts });
      for (const rule of readNftJson(text).tables.flatMap(({ chains }) =>
        [...chains.values()].flatMap((c) => c.rules),
      )) {
        expect(typeof rule.text).toBe("string");
      }
    }),
  );
  fc.assert(
    fc.property(fc.array(tree, { maxLength: 3 }), (expr) => {
      const rule = ruleOf(readNftJson(ruleset(expr)));
      expect(typeof rule?.text).toBe("string");
    }),
    { numRuns: 500 },
  );
  fc.assert(
    fc.property(fc.string(), fc.nat(400), (text, at) => {
      const whole = ruleset([{ match: { op: "==", left: TCP_DPORT, right: { set: [22] } } }, { accept: null }]);
      for (const hostile of [text, whole.slice(0, at) + text, whole.slice(0, at) + text + whole.slice(at)]) {
        try {
          readNftJson(hostile);
        } catch (error) {
          expect(error).toBeInstanceOf(InputError);
        }
      }
    }),
  );
});
