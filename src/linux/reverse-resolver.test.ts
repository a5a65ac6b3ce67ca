import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { type Address, parseAddress } from "../target/address.js";
import { createReverseResolver, parseNameServer, type ReverseResolverOptions } from "./reverse-resolver.js";

/** What the server says to a question: names, a response code (RFC 1035 §4.1.1), nothing, or an answer to another question. */
type Reply = readonly string[] | { readonly code: number } | "silence" | "wrong id" | "wrong id first";

const folder = mkdtempSync(path.join(tmpdir(), "reverse-resolver-"));
const hostsFile = path.join(folder, "hosts");
const NXDOMAIN = { code: 3 };

let server: Socket;
let serverText: string;
/** Names that were asked for, each try of them. */
let questions: string[] = [];
let replies: Readonly<Record<string, Reply>> = {};
let otherwise: Reply = NXDOMAIN;
const opened: { close(): void }[] = [];

beforeAll(async () => {
  writeFileSync(hostsFile, "");
  server = createSocket("udp4", answer);
  await new Promise<void>((resolve) => server.bind(0, "127.0.0.1", resolve));
  serverText = `127.0.0.1:${server.address().port}`;
});

afterEach(() => {
  for (const resolver of opened.splice(0)) resolver.close();
  questions = [];
  replies = {};
  otherwise = NXDOMAIN;
});

afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

function answer(query: Buffer, from: RemoteInfo): void {
  const labels: string[] = [];
  let at = 12;
  for (let count = query[at] ?? 0; count > 0; count = query[at] ?? 0) {
    labels.push(query.toString("latin1", at + 1, at + 1 + count));
    at += 1 + count;
  }
  const name = labels.join(".");
  const question = query.subarray(12, at + 5);
  questions.push(name);
  const reply = replies[name] ?? otherwise;
  const send = (message: Buffer): void => server.send(message, from.port, from.address);
  const id = query.readUInt16BE(0);
  if (reply === "silence") return;
  if (reply === "wrong id" || reply === "wrong id first") {
    send(response(id ^ 1, question, ["forged.test"]));
    if (reply === "wrong id first") send(response(id, question, ["true.test"]));
  } else send(response(id, question, reply));
}

function response(id: number, question: Buffer, reply: readonly string[] | { readonly code: number }): Buffer {
  const names = "code" in reply ? [] : reply;
  const header = Buffer.alloc(12);
  header.writeUInt16BE(id, 0);
  header.writeUInt16BE(0x8180 | ("code" in reply ? reply.code : 0), 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(names.length, 6);
  return Buffer.concat([header, question, ...names.map(pointer)]);
}

function pointer(name: string): Buffer {
  const labels = name.split(".").map((label) => Buffer.from(`\0${label}`, "latin1"));
  for (const label of labels) label[0] = label.length - 1;
  const data = Buffer.concat([...labels, Buffer.alloc(1)]);
  const head = Buffer.from("c00c000c00010000003c0000", "hex"); // the name of the question, PTR, IN, a minute
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}

function address(text: string): Address {
  const parsed = parseAddress(text);
  if (parsed === undefined) throw new Error(text);
  return parsed;
}

function resolver(options: Partial<ReverseResolverOptions> = {}) {
  const made = createReverseResolver({ kind: "servers", servers: [serverText], timeoutMs: 60, hostsFile, ...options });
  opened.push(made);
  return made;
}

test("an address has the names of its PTR records", async () => {
  replies = {
    "1.2.0.192.in-addr.arpa": ["one.test"],
    "2.2.0.192.in-addr.arpa": ["two.test", "zwei.test", "two.test"],
    "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa": ["six.test"],
    "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.e.f.ip6.arpa": ["link.test"],
  };
  const { names } = bound(resolver());
  expect(await names("192.0.2.1")).toEqual(["one.test"]);
  expect(await names("192.0.2.2")).toEqual(["two.test", "zwei.test"]);
  expect(await names("::ffff:192.0.2.1")).toEqual(["one.test"]);
  expect(await names("2001:db8::1")).toEqual(["six.test"]);
  expect(await names("fe80::1%eth0")).toEqual(["link.test"]);
});

/** The resolver for addresses as text. */
function bound(made: ReturnType<typeof resolver>) {
  return { names: (text: string) => made.names(address(text)), made };
}

test("no name, a server's failure and silence are all no names", async () => {
  replies = {
    "2.2.0.192.in-addr.arpa": { code: 2 },
    "3.2.0.192.in-addr.arpa": "silence",
    "4.2.0.192.in-addr.arpa": [],
  };
  const { names, made } = bound(resolver({ timeoutMs: 400 })); // c-ares waits 250 ms for a server at least
  for (const last of [1, 2, 3, 4]) expect(await names(`192.0.2.${last}`)).toEqual([]);
  expect(questions.filter((name) => name.startsWith("3."))).toHaveLength(2);
  expect(made.whyStopped).toBeUndefined();
});

test("an answer with another id is no answer", async () => {
  replies = { "1.2.0.192.in-addr.arpa": "wrong id", "2.2.0.192.in-addr.arpa": "wrong id first" };
  const { names } = bound(resolver());
  expect(await names("192.0.2.1")).toEqual([]);
  expect(await names("192.0.2.2")).toEqual(["true.test"]);
});

test("only what can be a host's name is kept, and not too much of it", async () => {
  const long = Array.from({ length: 4 }, () => "a".repeat(62)).join(".");
  replies = {
    "1.2.0.192.in-addr.arpa": [
      "\x1b[2J.test",
      "a b.test",
      "ä.test",
      "-oN.test",
      "10.0.0.1",
      "good_1-2.test",
      "<b>.test",
    ],
    "2.2.0.192.in-addr.arpa": Array.from({ length: 20 }, (_, index) => `n${index}.test`),
    "3.2.0.192.in-addr.arpa": [`${long}.ab`, long],
    "4.2.0.192.in-addr.arpa": ["ETIMEOUT"],
  };
  const { names } = bound(resolver());
  expect(await names("192.0.2.1")).toEqual(["good_1-2.test"]);
  expect(await names("192.0.2.2")).toHaveLength(8);
  expect(await names("192.0.2.3")).toEqual([long]);
  expect(await names("192.0.2.4")).toEqual(["ETIMEOUT"]);
});

test("the hosts file answers before a packet is sent", async () => {
  const file = path.join(folder, "own-hosts");
  writeFileSync(
    file,
    "# 192.0.2.9 comment\n127.0.0.1\tlocalhost loopback # 192.0.2.9 x\n::1 ip6-localhost\nbad line\n192.0.2.7\n" +
      "192.0.2.8 a\x1b[2J\n::ffff:192.0.2.9 mapped\n192.0.2.9 second\nfe80::1%eth0 link\n",
  );
  const { names } = bound(resolver({ hostsFile: file }));
  expect(await names("127.0.0.1")).toEqual(["localhost"]);
  expect(await names("::1")).toEqual(["ip6-localhost"]);
  expect(await names("192.0.2.9")).toEqual(["mapped", "second"]);
  expect(await names("fe80::1%eth1")).toEqual(["link"]);
  expect(questions).toEqual([]);
  expect(await names("192.0.2.8")).toEqual([]);
  expect(await names("192.0.2.7")).toEqual([]);
  expect(questions).toHaveLength(2);
  expect(await bound(resolver({ hostsFile: path.join(folder, "none") })).names("127.0.0.1")).toEqual([]);
});

test("so many questions are under way at once, and no more", async () => {
  otherwise = "silence";
  const made = resolver({ mostAtOnce: 3, timeoutMs: 10_000 });
  const asked = [1, 2, 3, 4, 5].map((last) => made.names(address(`192.0.2.${last}`)));
  await vi.waitFor(() => expect(questions.length).toBeGreaterThanOrEqual(3));
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(new Set(questions).size).toBe(3);
  made.close();
  expect(await Promise.all(asked)).toEqual([[], [], [], [], []]);
  expect(await made.names(address("192.0.2.6"))).toEqual([]);
  expect(new Set(questions).size).toBe(3);
});

test("those who wait have their turn", async () => {
  otherwise = ["some.test"];
  const made = resolver({ mostAtOnce: 2 });
  const asked = Array.from({ length: 50 }, (_, last) => made.names(address(`192.0.2.${last}`)));
  expect(new Set((await Promise.all(asked)).flat())).toEqual(new Set(["some.test"]));
  expect(questions).toHaveLength(50);
});

test("a server that never answers is asked no more, and the resolver says so", async () => {
  otherwise = "silence";
  const made = resolver({ mostAtOnce: 4, timeoutMs: 20 });
  const asked = Array.from({ length: 200 }, (_, last) => made.names(address(`192.0.2.${last}`)));
  expect((await Promise.all(asked)).flat()).toEqual([]);
  expect(new Set(questions).size).toBeLessThanOrEqual(12);
  expect(made.whyStopped).toContain("8 questions in a row");
  expect(await made.names(address("192.0.2.250"))).toEqual([]);
});

test("a server that has answered may be silent longer", async () => {
  replies = { "1.2.0.192.in-addr.arpa": ["one.test"] };
  otherwise = "silence";
  const made = resolver({ timeoutMs: 20 });
  expect(await made.names(address("192.0.2.1"))).toEqual(["one.test"]);
  const ask = (count: number) =>
    Promise.all(Array.from({ length: count }, (_, last) => made.names(address(`198.51.100.${last}`))));
  await ask(20);
  expect(made.whyStopped).toBeUndefined();
  await ask(60);
  expect(made.whyStopped).toContain("64 questions in a row");
});

test("where no server listens, nothing waits", async () => {
  const free = createSocket("udp4");
  await new Promise<void>((resolve) => free.bind(0, "127.0.0.1", resolve));
  const servers = [`127.0.0.1:${free.address().port}`];
  await new Promise<void>((resolve) => free.close(() => resolve()));
  const made = resolver({ servers, timeoutMs: 5000 });
  const began = performance.now();
  for (let last = 0; last < 10; last += 1) expect(await made.names(address(`192.0.2.${last}`))).toEqual([]);
  expect(made.whyStopped).toBeDefined();
  expect(performance.now() - began).toBeLessThan(4000);
});

test("the system's resolver knows what getnameinfo knows", async () => {
  const made = resolver({ kind: "system", timeoutMs: 5000 });
  expect(await made.names(address("127.0.0.1"))).toEqual(["localhost"]); // from the real hosts file
});

test.each([
  ["192.0.2.53", "192.0.2.53:53"],
  ["192.0.2.53:5353", "192.0.2.53:5353"],
  ["2001:DB8::53", "[2001:db8::53]:53"],
  ["[2001:db8::53]", "[2001:db8::53]:53"],
  ["[2001:db8::53]:5353", "[2001:db8::53]:5353"],
  ["fe80::1%lo", "[fe80::1%lo]:53"],
])("%s is the name server %s", async (text, server) => {
  expect(parseNameServer(text)).toBe(server);
  const { Resolver } = await import("node:dns/promises");
  expect(() => new Resolver().setServers([server])).not.toThrow();
});

test.each(["", "dns.test", "192.0.2.53:", "192.0.2.53:0", "192.0.2.53:65536", "[::1", "::1]:53", "192.0.2.53:53:53"])(
  "%j is no name server",
  (text) => {
    expect(parseNameServer(text)).toBeUndefined();
  },
);
