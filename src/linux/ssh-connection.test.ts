// Hosts that cannot be used, or that misbehave while they are: what went wrong is told, and nothing is left running.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { RemoteError } from "../model/errors.js";
import { fakeSsh } from "./fake-ssh.test.data.js";
import { SshConnection, type SshEnd } from "./ssh-connection.js";

const programOf = fakeSsh();
const HOST = { host: "jump", user: "anna", port: 2222 };
const BOUNDS = { timeoutMs: 5_000, idleMs: 5_000, outputBytesMax: 1 << 20, signal: new AbortController().signal };
/** Fails as ssh does, with these last words. */
const failing = (words: string): string => `echo '${words}' >&2; exit 255`;

function open(program: string, signal: AbortSignal = BOUNDS.signal): Promise<SshConnection> {
  return SshConnection.open(HOST, { program, connectTimeoutMs: 300, signal });
}

async function troubleOf(program: string): Promise<string> {
  const error = await open(program).then(
    () => undefined,
    (cause: unknown) => cause,
  );
  return error instanceof RemoteError ? `${error.trouble}: ${error.message}` : String(error);
}

async function endOf(onCommand: string, bounds: Partial<typeof BOUNDS> = {}): Promise<SshEnd> {
  await using connection = await open(programOf(onCommand));
  return (await connection.read("true\n", { ...BOUNDS, ...bounds })).end;
}

/** A process of which nothing is left but an entry that nobody has read has ended. */
function isRunning(pid: number): boolean {
  const stat = existsSync(`/proc/${pid}/stat`) ? readFileSync(`/proc/${pid}/stat`, "latin1") : ") Z";
  return !stat.slice(stat.lastIndexOf(")")).startsWith(") Z");
}

test("each trouble at the door is told by its name", async () => {
  const rows = [
    ["anna@jump: Permission denied (publickey,password).", "denied"],
    ["Host key verification failed.", "host-key-unknown"],
    ["@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @", "host-key-changed"],
    ["ssh: Could not resolve hostname jump: Name or service not known", "name-unknown"],
    ["ssh: connect to host jump port 22: Connection refused", "refused"],
    ["ssh: connect to host jump port 22: No route to host", "unreachable"],
    ["ssh: connect to host jump port 22: Connection timed out", "timed-out"],
    ["kex_exchange_identification: Connection closed by remote host", "closed"],
    ["what nobody knows \u001b[2J", "other"],
  ] as const;
  const told = await Promise.all(rows.map(([words]) => troubleOf(programOf(undefined, failing(words)))));
  expect(told.map((text) => text.split(":")[0])).toEqual(rows.map(([, trouble]) => trouble));
  expect(told.at(-1)).toMatch(
    /^other: anna@jump:2222 cannot be used by ssh: ssh failed: "what nobody knows \\u001b\[2J"$/,
  );
  expect(await troubleOf("/nonexistent/ssh")).toMatch(/^no-ssh: /);
});

test("a login that hangs is given up, and ended with all that it has started", async () => {
  const file = path.join(tmpdir(), `postern-test-${process.pid}-hang`);
  const program = programOf(undefined, `sleep 60 & echo $! >${file}; wait`);
  expect(await troubleOf(program)).toMatch(/^hangs: /);
  await sleep(50);
  expect(isRunning(Number(readFileSync(file, "utf8")))).toBe(false);
});

test("words of ours come first, and nothing behind -- is an option", async () => {
  await using connection = await open(programOf('echo "$command"; cat'));
  const { lines, end } = await connection.read("echo $HOME; 'x'\n", BOUNDS);
  expect(lines).toEqual(["sh", "echo $HOME; 'x'"]);
  expect(end).toMatchObject({ kind: "ended", status: 0 });
  const words = programOf("exit 0", `printf '%s ' "$@" | tail -c 20 >&2; exit 255`);
  const error = await open(words).catch((cause: unknown) => cause);
  expect(String(error)).toMatch(/ -- jump cat"$/);
});

test("a host that is no host any more while a script runs", async () => {
  expect(await endOf("kill -9 $$")).toMatchObject({ kind: "fault" });
  expect(await endOf(failing("client_loop: send disconnect: Broken pipe"))).toMatchObject({ trouble: "closed" });
  expect(await endOf("exit 127")).toMatchObject({ kind: "ended", status: 127 });
  expect(await endOf("sleep 60", { idleMs: 200 })).toMatchObject({ trouble: "hangs" });
  expect(await endOf("while :; do echo x; sleep 0.05; done", { timeoutMs: 400 })).toMatchObject({
    trouble: "timed-out",
  });
  expect(await endOf("yes", { outputBytesMax: 100_000 })).toMatchObject({ trouble: "too-much" });
  expect(await endOf("yes >&2")).toMatchObject({ trouble: "too-much" });
});

test("who stops reading, closes or aborts ends what runs there", async () => {
  const file = path.join(tmpdir(), `postern-test-${process.pid}-stop`);
  const program = programOf(`echo $$ >${file}; echo one; echo two; exec sleep 60`);
  await using connection = await open(program);
  for await (const line of connection.run("", BOUNDS).lines) {
    expect(line).toBe("one");
    break;
  }
  await sleep(50);
  expect(isRunning(Number(readFileSync(file, "utf8")))).toBe(false);

  const stopping = new AbortController();
  const run = connection.run("", { ...BOUNDS, signal: stopping.signal });
  for await (const line of run.lines) if (line === "two") stopping.abort();
  expect(await run.end).toMatchObject({ kind: "fault", trouble: "stopped" });

  const other = connection.run("", BOUNDS);
  for await (const line of other.lines) if (line === "two") await connection[Symbol.asyncDispose]();
  expect(await other.end).toMatchObject({ kind: "fault", trouble: "stopped" });
});

test("lines are whole: what is cut off is none", async () => {
  await using connection = await open(programOf("printf 'one\\ntwo\\n\\nthr'; sleep 0.1; printf 'ee'"));
  expect((await connection.read("", BOUNDS)).lines).toEqual(["one", "two", ""]);
});

test("the folder of the master's socket is gone at the end", async () => {
  const before = readdirSync(tmpdir()).filter((name) => name.startsWith("postern-ssh-"));
  await using connection = await open(programOf());
  await connection[Symbol.asyncDispose]();
  expect(await troubleOf(programOf(undefined, failing("Connection refused")))).toMatch(/^refused/);
  const after = readdirSync(tmpdir()).filter((name) => name.startsWith("postern-ssh-"));
  expect(after.filter((name) => !before.includes(name))).toEqual([]);
});
