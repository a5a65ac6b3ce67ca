import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { keepConsole } from "../command-console.test.data.js";
import { socketsCommand } from "./sockets-command.js";

const HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode";
const LISTENING =
  "   0: 0100007F:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 17 1 0000000000000000 100 0 0 10 0";

let folder: string;
const at = (name: string) => path.join(folder, name);

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "postern-reports-"));
  for (const name of ["proc/net", "proc/sys/kernel"]) mkdirSync(at(name), { recursive: true });
  writeFileSync(at("proc/net/tcp"), `${HEAD}\n${LISTENING}\n`);
  writeFileSync(at("proc/sys/kernel/hostname"), "far\n");
});
afterAll(() => rmSync(folder, { recursive: true }));

async function run(...words: readonly string[]): Promise<string> {
  const { console, out } = keepConsole();
  const status = await socketsCommand.run(["--proc", at("proc"), ...words], console);
  expect(status).toBe(0);
  return out();
}

test("reports stand beside what is shown, with the tree's own name and the words of the command line", async () => {
  const out = await run("-t", "--port", "20-30", "-oJ", at("a.jsonl"), "-oA", at("b"));
  expect(out).toMatch(/^PROTO.*\ntcp +127\.0\.0\.1:22 /);
  const lines = readFileSync(at("a.jsonl"), "utf8").trim().split("\n");
  const events = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(events[0]).toMatchObject({
    commandLine: expect.stringMatching(/^postern sockets --proc \S+ -t --port 20-30 -oJ /),
    targets: ["127.0.0.1"],
    portScans: [{ technique: "sockets", protocol: "tcp", portCount: 11, ports: "20-30" }],
  });
  expect(events.find(({ type }) => type === "technique")).toMatchObject({ transport: "files" });
  expect(events.find(({ type }) => type === "host")).toMatchObject({ address: "127.0.0.1", name: "far" });
  expect(events.find(({ type }) => type === "port")).toMatchObject({ port: 22, state: "open", reason: "listening" });
  const formOf = (ending: string) => readFileSync(at(`b.${ending}`), "utf8");
  expect(formOf("nmap")).toContain("\n22/tcp open   ssh");
  expect(formOf("xml")).toContain('<state state="open" reason="listening" reason_ttl="0"/>');
  expect(formOf("gnmap")).toContain("22/open/tcp/");
});

test("a report on standard output stands there alone, and one that is appended goes on behind the first", async () => {
  expect(await run("-oG", "-")).toMatch(
    /^# postern \S+ scan initiated .*: postern sockets --proc .*\n(.*\n)+# postern done/,
  );
  await run("-oG", at("c"));
  const once = readFileSync(at("c"), "utf8").split("\n").length - 1;
  await run("--append-output", "-oG", at("c"));
  expect(readFileSync(at("c"), "utf8").split("\n").length - 1).toBe(2 * once);
});

test.each([
  [["--process", "sshd"], /^--process chooses among sockets/],
  [["--user", "root"], /^--user chooses/],
  [["--state", "listen"], /^--state chooses/],
  [["-x"], /^reports have ports of TCP, UDP and SCTP/],
  [["-w"], /^reports have ports of TCP, UDP and SCTP/],
  [["--watch"], /^--watch goes on/],
] as const)("%j leaves no report that would be true", async (words, message) => {
  await expect(run(...words, "-oX", at("never.xml"))).rejects.toThrow(message);
  expect(() => readFileSync(at("never.xml"))).toThrow("ENOENT");
});

test("one text on standard output", async () => {
  await expect(run("--json", "-oX", "-")).rejects.toThrow("--json and a report cannot both have standard output");
});

test("a file that cannot be written is told before anything is read", async () => {
  await expect(run("--proc", at("nothing"), "-oX", at("no/such.xml"))).rejects.toThrow("cannot be written");
});
