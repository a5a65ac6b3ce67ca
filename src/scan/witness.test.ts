import { describe, expect, test } from "vitest";
import { HAS_DF, HAS_MARK, HAS_OPTIONS, HAS_WINDOW, NO_TRAITS } from "../technique/segment-traits.js";
import type { Origin } from "./reset-kind.js";
import { Witness } from "./witness.js";

const SYN = 0;
const OWN_TTL = 57;
const FIREWALL_TTL = 62;
/** How Linux makes a SYN-ACK and a RST over IPv4; over IPv6 both have a flow label. */
const LINUX = HAS_DF;
const WINDOWS = HAS_DF | HAS_MARK;
const PRINTER = HAS_MARK;

/** So many RSTs of a kind; the first port is 1000, 2000 and so on. */
interface Resets {
  readonly ttl?: number;
  readonly traits?: number;
  readonly count?: number;
  readonly rttMs?: (index: number) => number;
}

interface Case {
  readonly family?: 4 | 6;
  /** The TTL of its echo reply. */
  readonly echoTtl?: number;
  readonly synAcks?: readonly { readonly ttl: number; readonly traits?: number }[];
  readonly resets: readonly Resets[];
}

/** Plays a host, its RSTs first, and tells whose each kind was taken for; "+" when that was known at once. */
function play({ family = 4, echoTtl = 0, synAcks = [], resets }: Case): { origins: string[]; marks: string[] } {
  const witness = new Witness(family);
  if (echoTtl !== 0) witness.seeOwn(echoTtl, NO_TRAITS, "its echo-reply");
  for (const { ttl, traits = LINUX } of synAcks) witness.seeOwn(ttl, traits, "the SYN-ACK of port", 80);
  const atOnce = resets.map(({ ttl = OWN_TTL, traits = LINUX, count = 1, rttMs = () => -1 }, kindIndex) => {
    const origins = new Set<Origin>();
    for (let index = 0; index < count; index++) {
      const port = (kindIndex + 1) * 1000 + index;
      const kind = witness.see(ttl, traits, port, rttMs(index));
      origins.add(kind.origin);
      if (kind.origin === "unsure") kind.hold(SYN, port, "closed", 1);
      if (kind.origin === "other") kind.foreignCount++;
    }
    return origins;
  });
  const groups = witness.release(true);
  for (const { kind, ports } of groups) if (kind.origin === "other") kind.foreignCount += ports.count;
  const origins = atOnce.map((known, kindIndex) => {
    const held = groups.find(({ ports }) => ports.values()[0] === (kindIndex + 1) * 1000);
    return held === undefined ? `${[...known].join("/")} +` : held.kind.origin;
  });
  return { origins, marks: witness.marks().map(({ code, text }) => `${code}: ${text}`) };
}

describe("ordinary hosts", () => {
  const synAcks = [{ ttl: OWN_TTL }];
  test.each<[string, Case, string[]]>([
    ["Linux", { synAcks, resets: [{ count: 1000 }] }, ["own +"]],
    ["Linux before 4.19, which counts RSTs", { synAcks, resets: [{ traits: WINDOWS, count: 1000 }] }, ["own +"]],
    ["one without RSTs with DF", { synAcks, resets: [{ traits: PRINTER, count: 1000 }] }, ["own +"]],
    [
      "a BSD whose RSTs have no flow label",
      { family: 6, synAcks: [{ ttl: 57, traits: 1 }], resets: [{ traits: 0 }] },
      ["own"],
    ],
    [
      "one whose SYN-ACKs have an identification, and whose RSTs have none",
      { synAcks: [{ ttl: OWN_TTL, traits: WINDOWS }], resets: [{ count: 1000 }] },
      ["own"],
    ],
    ["one that begins RSTs with 255", { synAcks, resets: [{ ttl: 248, count: 9 }] }, ["own"]],
    ["one that begins RSTs with 255, and its firewall", { synAcks, resets: [{ ttl: 248 }, {}] }, ["own", "own +"]],
    ["one that begins ICMP with 255", { echoTtl: 248, resets: [{ count: 9 }] }, ["own"]],
    ["one that begins ICMP with 255, and has an open port", { echoTtl: 248, synAcks, resets: [{}] }, ["own +"]],
    [
      "one behind ways of different lengths",
      { synAcks, resets: [{}, { ttl: 56 }, { ttl: 55 }] },
      ["own +", "own +", "own +"],
    ],
    ["one whose SYN-ACKs came by two of three ways", { synAcks: [{ ttl: 56 }, { ttl: 58 }], resets: [{}] }, ["own +"]],
    [
      "one whose SYN-ACKs say so",
      { synAcks: [{ ttl: 57 }, { ttl: 58 }], resets: [{}, { ttl: 58 }] },
      ["own +", "own +"],
    ],
    ["one that says nothing but RST", { resets: [{ count: 9 }] }, ["own"]],
    [
      "one that draws its identifications, and comes to 0 once",
      { synAcks: [{ ttl: 57, traits: PRINTER }], resets: [{ traits: PRINTER, count: 65_000 }, { traits: 0 }] },
      ["own +", "own"],
    ],
  ])("%s", (_name, host, origins) => {
    const played = play(host);
    expect(played.origins).toEqual(origins);
    expect(played.marks.filter((mark) => mark.startsWith("reset-by-other"))).toEqual([]);
  });

  test("have no mark at all, but where two kinds of RST came", () => {
    expect(play({ synAcks, resets: [{ count: 1000 }] }).marks).toEqual([]);
    expect(play({ synAcks, resets: [{}, { ttl: 56 }, { traits: NO_TRAITS }] }).marks).toEqual([]);
    const drawn = {
      synAcks: [{ ttl: 57, traits: PRINTER }],
      resets: [{ traits: PRINTER, count: 65_000 }, { traits: 0 }],
    };
    expect(play(drawn).marks).toEqual([]);
  });
});

describe("somebody else is known", () => {
  test.each<[string, Case, string[]]>([
    ["by a shorter way than a SYN-ACK's", { synAcks: [{ ttl: 57 }], resets: [{}, { ttl: 62 }] }, ["own +", "other +"]],
    ["by a shorter way than an echo reply's", { echoTtl: 57, resets: [{ ttl: 62 }] }, ["other +"]],
    [
      "by another first TTL and a shorter way",
      { echoTtl: 120, resets: [{ ttl: 62 }, { ttl: 120 }] },
      ["other +", "own"],
    ],
    ["by a way that no route explains", { echoTtl: 63, resets: [{ ttl: 249 }] }, ["other +"]],
    ["by a shorter way than other RSTs", { resets: [{ ttl: 62 }, {}] }, ["other", "own"]],
    ["by a shorter way, though with a lower TTL", { resets: [{ ttl: 62 }, { ttl: 120 }] }, ["other", "own"]],
    [
      "by another first TTL, where RSTs came that are like the SYN-ACK",
      { synAcks: [{ ttl: 121, traits: WINDOWS }], resets: [{ traits: LINUX }, { ttl: 121, traits: WINDOWS }] },
      ["other", "own +"],
    ],
    [
      "by no identification, where the host's SYN-ACK and RSTs have one",
      { synAcks: [{ ttl: 57, traits: WINDOWS }], resets: [{ count: 3 }, { traits: WINDOWS, count: 900 }] },
      ["other", "own +"],
    ],
    [
      "by no flow label",
      { family: 6, synAcks: [{ ttl: 57, traits: 1 }], resets: [{ traits: 0 }, { traits: 1, count: 5 }] },
      ["other", "own +"],
    ],
  ])("%s", (_name, host, origins) => {
    expect(play(host).origins).toEqual(origins);
  });

  test("in words, with all that differs", () => {
    const own = { traits: PRINTER, count: 50, rttMs: (index: number) => 20 + (index % 3) };
    const foreign = { ttl: 62, traits: LINUX | HAS_WINDOW | HAS_OPTIONS, count: 30, rttMs: () => 4 };
    expect(play({ echoTtl: 57, resets: [own, foreign] }).marks).toEqual([
      "reset-by-other: 30 ports were reset by somebody else in the host's name: ttl 62, while the host's own packets arrive " +
        "with ttl 57 (its echo-reply); also identification 0 instead of set, DF set instead of clear, a window instead of " +
        "none, TCP options instead of none, after 4.0 ms instead of 21.0 ms",
    ]);
    expect(play({ echoTtl: 57, resets: [{ ttl: 62 }] }).marks).toEqual([
      "reset-by-other: 1 port was reset by somebody else in the host's name: ttl 62, while the host's own packets arrive " +
        "with ttl 57 (its echo-reply)",
    ]);
    const labelled = { family: 6, synAcks: [{ ttl: 57, traits: HAS_MARK }] } as const;
    expect(play({ ...labelled, resets: [{ traits: 0 }, { traits: HAS_MARK, count: 5 }] }).marks).toEqual([
      "reset-by-other: 1 port was reset by somebody else in the host's name: flow label 0 instead of set (compared with " +
        "other RSTs and the SYN-ACK of port 80)",
    ]);
  });
});

describe("two kinds of RST of which nobody knows which are the host's", () => {
  const synAcks = [{ ttl: OWN_TTL }];
  test("are told, and accuse nobody", () => {
    const { origins, marks } = play({ synAcks, resets: [{ count: 997 }, { traits: PRINTER, count: 3 }] });
    expect(origins).toEqual(["own +", "own +"]);
    expect(marks).toEqual([
      "resets-differ: 3 ports (2000, 2001, 2002) were reset in another way than 997 others, so two different senders answer " +
        "in the host's name, and which is the host is not known: identification set instead of 0, DF clear instead of set",
    ]);
  });

  test.each<[string, Resets, string]>([
    ["a window", { traits: LINUX | HAS_WINDOW }, "a window instead of none"],
    ["options", { traits: LINUX | HAS_OPTIONS }, "TCP options instead of none"],
    ["another first TTL", { ttl: 248 }, "ttl 248 instead of 57"],
    [
      "many of them",
      { traits: LINUX | HAS_WINDOW, count: 9 },
      "(2000, 2001, 2002, 2003, 2004, 2005, 2006, 2007 and more)",
    ],
  ])("by %s", (_name, fewer, words) => {
    const { marks } = play({ synAcks, resets: [{ count: 10 }, fewer] });
    expect(marks).toHaveLength(1);
    expect(marks[0]).toMatch(/^resets-differ: /);
    expect(marks[0]).toContain(words);
  });
});

describe("a witness", () => {
  test("takes nobody for a stranger because of his distance where nobody can be between", () => {
    const witness = new Witness(6, true);
    witness.seeOwn(OWN_TTL - 1, LINUX, "the SYN-ACK of port", 8080); // of a container
    expect(witness.see(OWN_TTL, LINUX, 1, -1).origin).toBe("own");
    expect(witness.see(OWN_TTL - 1, LINUX, 2, -1).origin).toBe("own");
    expect(new Witness(6).see(OWN_TTL, LINUX, 1, -1).origin).toBe("unsure");
    const onlyResets = new Witness(4, true);
    for (const ttl of [OWN_TTL, OWN_TTL - 1]) onlyResets.see(ttl, LINUX, ttl, -1).hold(SYN, ttl, "closed", 1);
    expect(onlyResets.release(true).map(({ kind }) => kind.origin)).toEqual(["own", "own"]);
    expect(onlyResets.marks()).toEqual([]);
  });

  test("knows no stranger before it has seen the host itself", () => {
    const witness = new Witness(4);
    expect([OWN_TTL, FIREWALL_TTL].map((ttl) => witness.see(ttl, LINUX, 1, -1).origin)).toEqual(["unsure", "unsure"]);
    witness.seeOwn(0, NO_TRAITS, "a packet without a time to live");
    expect(witness.see(OWN_TTL, LINUX, 2, -1).origin).toBe("unsure");
    witness.seeOwn(OWN_TTL, LINUX, "the SYN-ACK of port", 80);
    expect([OWN_TTL, FIREWALL_TTL].map((ttl) => witness.see(ttl, LINUX, 3, -1).origin)).toEqual(["own", "other"]);
  });

  test("hands out what it held, once, in groups with the same evidence, and keeps what is not sure yet", () => {
    const witness = new Witness(4);
    const held: readonly (readonly [port: number, ttl: number, traits: number, tries: number])[] = [
      [1, OWN_TTL, WINDOWS, 1],
      [2, OWN_TTL, WINDOWS, 1],
      [3, FIREWALL_TTL, WINDOWS, 1],
      [4, OWN_TTL, WINDOWS, 2],
      [5, OWN_TTL, LINUX, 1],
    ];
    for (const [port, ttl, traits, tries] of held) witness.see(ttl, traits, port, -1).hold(SYN, port, "closed", tries);
    const release = (isLast: boolean) =>
      witness.release(isLast).map(({ kind, tries, ports }) => [kind.ttl, kind.origin, tries, [...ports.values()]]);
    expect(release(false)).toEqual([]);
    witness.seeOwn(OWN_TTL, WINDOWS, "the SYN-ACK of port", 80);
    expect(release(false)).toEqual([
      [OWN_TTL, "own", 1, [1, 2]],
      [OWN_TTL, "own", 2, [4]],
      [FIREWALL_TTL, "other", 1, [3]],
    ]);
    expect(witness.isHolding).toBe(true);
    expect(release(true)).toEqual([[OWN_TTL, "own", 1, [5]]]); // one without identification may be chance
    expect(witness.isHolding).toBe(false);
    expect(release(true)).toEqual([]);
  });

  test("keeps its head when every RST is made in another way", () => {
    const witness = new Witness(4);
    witness.seeOwn(OWN_TTL, LINUX, "the SYN-ACK of port", 80);
    for (let port = 0; port < 65_536; port++) {
      const kind = witness.see(1 + (port % 255), port & 15, port, 1);
      if (kind.origin === "unsure") kind.hold(SYN, port, "closed", 1);
      if (kind.origin === "other") kind.foreignCount++;
      expect(kind.ttl).toBe(1 + (port % 255));
    }
    expect(witness.release(true).length).toBeLessThan(64);
    expect(witness.marks().map(({ code }) => code)).toContain("reset-by-other");
  });
});
