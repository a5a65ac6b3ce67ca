// What another host tells of its inside, laid out as files: nothing of it gets anywhere else.
import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { InsideUnpacker } from "./inside-unpacker.js";

const TAG = "postern-tag";

function unpacked(lines: readonly string[], isWhole = true): InsideUnpacker {
  const unpacker = new InsideUnpacker(TAG, () => 1_700_000_000_000);
  for (const line of [`${TAG} begin`, ...lines, ...(isWhole ? [`${TAG} end`] : [])]) unpacker.take(line);
  return unpacker;
}

/** Every file with its content, every link with its target. */
function treeOf(unpacker: InsideUnpacker): Readonly<Record<string, string>> {
  using tree = unpacker.layOut();
  const entries = readdirSync(tree.root, { recursive: true, encoding: "utf8" });
  const rows = entries.flatMap((name): [string, string][] => {
    const file = path.join(tree.root, name);
    const stat = lstatSync(file);
    if (stat.isSymbolicLink()) return [[name, `-> ${readlinkSync(file)}`]];
    return stat.isFile() ? [[name, readFileSync(file, "latin1")]] : [];
  });
  return Object.fromEntries(rows);
}

test("files and links are where the kernel has them", () => {
  const lines = [
    "/proc/stat:btime 1700000000",
    "/proc/net/tcp:  sl  local_address",
    "/proc/net/tcp:   0: 0100007F:0016",
    "/proc/7/net/sctp/eps: ENDPT",
    "/proc/net/fib_trie-     |-- 127.0.0.1",
    "/proc/net/fib_trie:        /32 host LOCAL",
    "--",
    "/proc/7/stat:7 (a) S",
    "/proc/9/stat:9 (has no sockets) S",
    "/proc/sys/net/ipv4/conf/eth0.10/rp_filter:1",
    "L:/proc/7/fd/3 socket:[12]",
    "L:/proc/7/exe /usr/bin/a b (deleted)",
    "L:/proc/self/ns/net net:[4026531840]",
    "H:/proc/7/cmdline 6100620a6300",
  ];
  const unpacker = unpacked(lines);
  expect(treeOf(unpacker)).toEqual({
    stat: "btime 1700000000\n",
    "net/tcp": "  sl  local_address\n   0: 0100007F:0016\n",
    "7/net/sctp/eps": " ENDPT\n",
    "net/fib_trie": "     |-- 127.0.0.1\n        /32 host LOCAL\n",
    "7/stat": "7 (a) S\n",
    "7/cmdline": "a\0b\nc\0",
    "sys/net/ipv4/conf/eth0.10/rp_filter": "1\n",
    "7/fd/3": "-> socket:[12]",
    "7/exe": "-> /usr/bin/a b (deleted)",
    "self/ns/net": "-> net:[4026531840]",
  });
  expect(unpacker.facts.strayCount).toBe(0);
});

test("places and links that no kernel has are made nowhere", () => {
  const lines = [
    "/proc/../../etc/passwd:x",
    "/proc/7/../8/stat:x",
    "/proc/7/environ:x",
    "/proc/7/fd/3:x",
    "/proc/net/../../x:x",
    "/proc/sys/net/../../../x:x",
    "/proc/sys/net/./x:x",
    "/proc/sys/fs/x:x",
    "/proc/sys/net/a\0b:x",
    "/proc/0/stat:x",
    "/etc/passwd:x",
    "L:/proc/7/root /",
    "L:/proc/7/fd/3 /etc/shadow",
    "L:/proc/7/fd/../x socket:[1]",
    "L:/proc/net /etc",
    "L:/proc/self/ns/net /etc",
    "L:/proc/7/ns/net net:[1]x",
    "H:/proc/7/cmdline 6",
    "H:/proc/7/../cmdline 61",
    "R:evil:x",
    "U:a:b:c",
    "nonsense",
    `${TAG} nonsense`,
  ];
  const unpacker = unpacked(lines);
  expect(treeOf(unpacker)).toEqual({});
  expect(unpacker.facts.strayCount).toBe(lines.length);
});

test("a place that is a file and a folder, and a link that cannot be, are counted or left out", () => {
  const unpacker = unpacked([
    "/proc/sys/net/a:1",
    "/proc/sys/net/a/b:1",
    `L:/proc/7/exe ${"x".repeat(5000)}`,
    "L:/proc/8/exe a\0b",
  ]);
  expect(treeOf(unpacker)).toEqual({ "sys/net/a": "1\n" });
  expect(unpacker.facts.strayCount).toBe(1);
});

test("what ls lists belongs to the process that it was asked for, whatever files are called", () => {
  const unpacker = unpacked([
    `${TAG} process /proc/7`,
    "lrwxrwxrwx    1 0        0                0 Nov 24 08:00 /proc/7/exe -> /usr/bin/a",
    "lrwxrwxrwx    1 0        0                0 Nov 24 08:00 /proc/8/exe -> /usr/bin/evil",
    "/proc/8/fd:",
    "lrwx------    1 0        0               64 Nov 24 08:22 4 -> socket:[44]",
    "lrwx------    1 0        0               64 Nov 24 08:22 5 -> /tmp/socket:[45]",
    `${TAG} process /proc/9`,
    "ls: /proc/9/fd/0: cannot read link: Permission denied",
    `${TAG} processes-end`,
    "N:11",
  ]);
  expect(treeOf(unpacker)).toEqual({ "7/exe": "-> /usr/bin/a", "7/fd/4": "-> socket:[44]" });
  expect([...unpacker.facts.denied]).toEqual([9, 11]);
});

test("rules are taken whole, with what their programs complained of", () => {
  const unpacker = unpacked([
    "R:nft:table ip a {",
    "R:nft:  # R:nft:status 1",
    "R:nft:}",
    "R:nft:",
    "R:nft:status 0",
    "R:iptables:",
    "R:iptables:# Warning",
    "R:iptables:Permission denied (you must be root)",
    "R:iptables:status 4",
    "R:ipset:create a hash:ip",
  ]);
  expect(unpacker.ruleset("nft")).toEqual({ kind: "text", text: "table ip a {\n  # R:nft:status 1\n}\n" });
  expect(unpacker.ruleset("iptables")).toEqual({ kind: "fault", why: "Permission denied (you must be root)" });
  expect(unpacker.ruleset("ipset")).toEqual({ kind: "fault", why: "it was cut off" });
  expect(unpacker.ruleset("ip6tables")).toEqual({ kind: "absent" });
  expect(unpacked([], false).ruleset("nft")).toEqual({ kind: "fault", why: "it was not told" });
});

test("users, clock and system", () => {
  const { facts } = unpacked([
    "D:1699999990.250000000",
    "D:9",
    "S:Linux 6.1.0 x86_64",
    'O:"Debian GNU/Linux 12 (bookworm)"',
    "U:root:0",
    "U:toor:0",
    "/sys/class/net/eth0/ifindex:2",
  ]);
  expect(facts).toMatchObject({ kernel: "Linux 6.1.0 x86_64", release: "Debian GNU/Linux 12 (bookworm)" });
  expect(facts.clock).toEqual({ theirsMs: 1_699_999_990_250, oursMs: 1_700_000_000_000 });
  expect([...facts.userNames]).toEqual([[0, "root"]]);
  expect([...facts.indexes]).toEqual([["eth0", 2]]);
  expect(unpacked(["D:1700000000.%N"]).facts.clock?.theirsMs).toBe(1_700_000_000_000);
});

test("what stands before the beginning and behind the end is passed over", () => {
  const unpacker = new InsideUnpacker(TAG, () => 0);
  for (const line of ["Welcome!", "/proc/stat:btime 1", `${TAG} begin`, `${TAG} end`, "/proc/stat:btime 2"]) {
    unpacker.take(line);
  }
  expect(treeOf(unpacker)).toEqual({});
  expect(unpacker.facts).toMatchObject({ isBegun: true, isEnded: true, strayCount: 0 });
});

test("no lines at all make it throw", () => {
  const line = fc.oneof(
    fc.string(),
    fc.string({ unit: "binary" }).map((text) => `/proc/${text}`),
    fc
      .tuple(fc.constantFrom("L:/proc/7/exe ", "L:", "R:nft:", "H:", "D:", `${TAG} process /proc/`), fc.string())
      .map((two) => two.join("")),
  );
  const isTaken = (lines: readonly string[]): void => {
    using tree = unpacked(lines.map((text) => text.replaceAll("\n", ""))).layOut();
    expect(tree.root).toContain("postern-inside-");
  };
  fc.assert(fc.property(fc.array(line, { maxLength: 20 }), isTaken), { numRuns: 100 });
});
