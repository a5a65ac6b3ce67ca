// The history as the built program keeps it: two scans of this machine with a change between them, and scans that end badly.
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { POSTERN } from "./postern.js";

let folder = "";
const at = (name: string) => path.join(folder, name);

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "postern-history-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Run {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The program with an empty home; it must not find settings of whoever tests. */
function run(words: readonly string[]): Promise<Run> {
  const env = { PATH: process.env.PATH, HOME: folder };
  return new Promise((resolve) => {
    execFile(POSTERN, words, { cwd: folder, env, timeout: 30_000 }, (error, stdout, stderr) => {
      resolve({ status: typeof error?.code === "number" ? error.code : 0, stdout, stderr });
    });
  });
}

interface Line {
  readonly type: string;
  readonly port?: number;
  readonly ports?: string;
  readonly count?: number;
}

function linesOf(text: string): readonly Line[] {
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  return whole.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line) as Line]));
}

function portCount(text: string): number {
  return linesOf(text).reduce((sum, { type, count }) => sum + (type === "port" ? 1 : (count ?? 0)), 0);
}

/** A port that nothing listens on, with a server that can. */
async function closedPort(): Promise<{ readonly port: number; readonly open: () => Promise<Server> }> {
  const listen = async (wanted: number) => {
    const server = createServer((socket) => socket.destroy()).listen(wanted, "127.0.0.1");
    await once(server, "listening");
    return server;
  };
  const server = await listen(0);
  const address = server.address();
  const port = typeof address === "object" ? (address?.port ?? 0) : 0;
  server.close();
  await once(server, "close");
  return { port, open: () => listen(port) };
}

describe("two scans", () => {
  let port = 0;
  let history: readonly string[];
  const scans: Run[] = [];

  beforeAll(async () => {
    history = ["--history-file", at("two.db")];
    const closed = await closedPort();
    port = closed.port;
    const scan = () => run([...history, "-n", "-sT", "-p", String(port), "127.0.0.1"]);
    scans.push(await scan());
    const server = await closed.open();
    scans.push(await scan());
    server.close();
  });

  test("are kept without a word", () => {
    for (const { status, stderr } of scans) expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(statSync(at("two.db")).mode & 0o777).toBe(0o600);
  });

  test("postern diff says what has changed between them", async () => {
    const { status, stdout, stderr } = await run(["diff", ...history, "@previous", "@latest"]);
    expect({ status, stderr }).toEqual({ status: 1, stderr: "" });
    expect(stdout.split("\n")[0]).toMatch(/^--- @previous \(scan 1\) +\d{4}-/);
    expect(stdout).toContain(`  + ${port}/tcp closed -> open`);
    const same = await run(["diff", ...history, "@1", "@latest~1"]);
    expect(same).toMatchObject({
      status: 0,
      stdout: expect.stringContaining("No changes: 1 host and 1 port compared."),
    });
  });

  test("what is not there is said in two lines", async () => {
    const { status, stdout, stderr } = await run(["diff", ...history, "@latest~2", "@latest"]);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toMatch(/^postern: \S+: @latest~2 is not there: [^\n]+\n {2}scan with --history again; [^\n]+\n$/);
  });

  test("list finds them by what was open", async () => {
    const list = async (...words: readonly string[]) => {
      const { status, stdout } = await run(["history", "list", ...history, "--json", ...words]);
      expect(status).toBe(0);
      const { scans: found } = JSON.parse(stdout) as { readonly scans: readonly { readonly id: number }[] };
      return found.map(({ id }) => id);
    };
    expect(await list()).toEqual([2, 1]);
    expect(await list("--limit", "1")).toEqual([2]);
    expect(await list("--port", `${port}/tcp`, "--host", "127.0.0.0/8")).toEqual([2]);
    expect(await list("--host", "127.0.0.2")).toEqual([]);
    expect(await list("--since", "1h")).toEqual([2, 1]);
    expect(await list("--until", "1h")).toEqual([]);
  });

  test("show is the report again, in any form", async () => {
    const shown = await run(["history", "show", ...history, "2"]);
    expect(shown.stdout).toMatch(new RegExp(`\n${port}/tcp open `));
    const xml = await run(["history", "show", ...history, "@latest", "-oX", "-", "-oG", at("2.gnmap")]);
    expect(xml.stdout).toContain('<state state="open" reason="syn-ack"');
    expect(readFileSync(at("2.gnmap"), "utf8")).toContain(`${port}/open/tcp//`);
    const plan = await run(["history", "show", ...history, "2", "--plan"]);
    expect(JSON.parse(plan.stdout)).toMatchObject({ targetTexts: ["127.0.0.1"] });
    const converted = await run(["convert", ...history, "@2", at("2.csv")]);
    expect(converted).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(readFileSync(at("2.csv"), "utf8")).toContain(`127.0.0.1`);
  });

  test("export, import into another history, and it is the same scan", async () => {
    const other = ["--history-file", at("other.db")];
    expect((await run(["history", "export", ...history, "2", at("2.jsonl")])).status).toBe(0);
    const first = await run(["history", "import", ...other, at("2.jsonl")]);
    expect(first).toEqual({ status: 0, stdout: `scan 1: ${at("2.jsonl")}\n`, stderr: "" });
    const again = await run(["history", "import", ...other, at("2.jsonl")]);
    expect(again.stdout).toBe(`scan 1: ${at("2.jsonl")} (it was there already)\n`);
    expect((await run(["diff", ...other, "@1", at("2.jsonl")])).status).toBe(0);
    const pruned = await run(["history", "prune", ...other, "--keep", "0"]);
    expect(pruned.stdout).toBe("1 scan taken out: 1\n");
    expect((await run(["history", "list", ...other])).stdout).toBe("No scan of the history fits.\n");
  });
});

test("a scan that is killed loses no more than the last second", async () => {
  const history = ["--history-file", at("killed.db")];
  const words = [...history, "-oJ", at("killed.jsonl"), "-n", "-sT", "--max-rate", "100", "-p", "1-2000", "127.0.0.1"];
  const child = spawn(POSTERN, words, { cwd: folder, env: { PATH: process.env.PATH, HOME: folder }, stdio: "ignore" });
  await sleep(2000);
  const toldBefore = portCount(readFileSync(at("killed.jsonl"), "utf8"));
  await sleep(1000);
  child.kill("SIGKILL");
  await once(child, "exit");
  const { stdout, stderr } = await run(["history", "show", ...history, "1", "-oJ", "-"]);
  expect(stderr).toBe("");
  expect(toldBefore).toBeGreaterThan(50);
  expect(portCount(stdout)).toBeGreaterThanOrEqual(toldBefore);
  expect(linesOf(stdout).at(-1)).toMatchObject({ type: "done", isAborted: true });
});

test("a scan that is interrupted is one that was stopped", async () => {
  const history = ["--history-file", at("stopped.db")];
  const words = [...history, "-n", "-sT", "--max-rate", "50", "-p", "1-2000", "127.0.0.1"];
  const child = spawn(POSTERN, words, { cwd: folder, env: { PATH: process.env.PATH, HOME: folder }, stdio: "ignore" });
  await sleep(1000);
  child.kill("SIGINT");
  await once(child, "exit");
  const { stdout } = await run(["history", "list", ...history]);
  expect(stdout).toMatch(/\n1 .* stopped /);
});

test("whose it may be is known before the first packet", async () => {
  const { status, stdout, stderr } = await run(["--history-file", "/tmp/postern.db", "-n", "-sT", "-p1", "127.0.0.1"]);
  expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
  expect(stderr).toContain("this history is not taken: of the folder /tmp, everybody may write it\n");
});
