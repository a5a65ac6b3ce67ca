// A vantage point that is hostile, broken or poor: only what was asked is answered, and the rest is told as a gap. Nothing here
// sends a packet: the hosts behind the fake ssh make their answers up.
import { expect, test } from "vitest";
import { fakeSsh, withTag } from "../linux/fake-ssh.test.data.js";
import { RemoteError } from "../model/errors.js";
import { VERSION } from "../model/version.js";
import { formatAddress, parseAddress } from "../target/address.js";
import { openSshVantage } from "./ssh-vantage.js";
import type { AskedPort, Vantage, VantageEvent } from "./vantage.js";

const programOf = fakeSsh();
const { signal } = new AbortController();
const SCOPE = { own: [], authorized: [] };

function ports(...numbers: readonly number[]): readonly AskedPort[] {
  const address = parseAddress("10.0.0.1");
  return address === undefined ? [] : numbers.map((port) => ({ address, protocol: "tcp", port }));
}

/** A host that says these lines of itself, and then answers with these. */
function host(means: string, answers: string): string {
  return programOf(
    withTag(`case "$script" in
  *'say uid'*) ${means} ;;
  *) ${answers} ;;
esac`),
  );
}

const PYTHON = 'echo "$tag uid 0"; echo "$tag python3 python3 3.11"; echo "$tag from 0 10.0.0.2"';
const POSTERN = `echo "$tag uid 0"; echo "$tag postern ${VERSION}"`;

function open(program: string, abort: AbortSignal = signal): Promise<Vantage> {
  const targets = ports(1).map(({ address }) => address);
  return openSshVantage(
    { host: "jump", user: undefined, port: undefined },
    { program, targets, connectTimeoutMs: 300, signal: abort },
  );
}

function textOf(event: VantageEvent): string {
  if (event.kind === "gap") return `gap: ${event.what}: ${event.why}`;
  if (event.kind === "mark") return `mark: ${formatAddress(event.address)} ${event.mark}`;
  const { asked, state, reason } = event.answer;
  return `${formatAddress(asked.address)} ${asked.protocol} ${asked.port} ${state} ${reason}`;
}

async function ask(program: string, asked: readonly AskedPort[] = ports(22, 80), abort: AbortSignal = signal) {
  await using vantage = await open(program);
  const events: string[] = [];
  const options = { scope: SCOPE, maxRate: undefined, maxRetries: undefined, signal: abort };
  for await (const event of vantage.ask(asked, options)) events.push(textOf(event));
  return { vantage, events };
}

test("what it has is found out, with where it asks from", async () => {
  const { vantage, events } = await ask(host(PYTHON, 'echo "$tag a 0 open 10 1 -"; echo "$tag a 1 refused 10 1 -"'));
  expect(vantage).toMatchObject({ name: "ssh:jump", means: "python3 3.11", arrivesBy: undefined });
  expect(vantage.sources.map(formatAddress)).toEqual(["10.0.0.2"]);
  expect(events).toEqual(["10.0.0.1 tcp 22 open conn-accepted", "10.0.0.1 tcp 80 closed conn-refused"]);
});

test("another version of postern is not used, and another than root's is not asked for UDP", async () => {
  const both = `echo "$tag uid 1000"; echo "$tag postern ${VERSION}"; echo "$tag python3 python3 3.4"`;
  await using mixed = await open(host(both, ":"));
  expect(mixed.means).toBe(`postern ${VERSION}, UDP by python3 3.4`);
  const old = 'echo "$tag postern 999.0.0"; echo "$tag python3 /tmp/evil 3.9"; echo "$tag python3 python3 2.7"';
  await using none = await open(host(`${old}; echo "$tag nc evil; rm"; echo "$tag bash"`, ":"));
  expect(none.means).toBe("nothing");
});

test("answers about what was not asked, or a second time, are dropped and told", async () => {
  const answers =
    'for n in 0 0 1 2 99999; do echo "$tag a $n open 10 1 -"; done; echo "a 1 silent 1 1 -"; echo "x $tag a 1"';
  const { events } = await ask(host(PYTHON, answers));
  expect(events).toEqual([
    "10.0.0.1 tcp 22 open conn-accepted",
    "10.0.0.1 tcp 80 open conn-accepted",
    "gap: 3 answers: it is about ports that were not asked, or that were answered before; passed over",
  ]);
});

test("a hostile report of postern's is read no further than what was asked", async () => {
  const port = (fields: Readonly<Record<string, unknown>>): string =>
    `printf '%s\\n' '${JSON.stringify({ type: "port", address: "10.0.0.1", protocol: "tcp", ...fields })}'`;
  const lines = [
    port({ port: 22, state: "open", reason: "syn-ack", responder: "10.0.0.9", tries: 1e99, rttMs: -1 }),
    port({ port: 23, state: "open", reason: "syn-ack" }),
    port({ port: 80, state: "constructor", reason: "__proto__" }),
    port({ address: "8.8.8.8", port: 22, state: "open", reason: "syn-ack" }),
    port({ type: "ports", ports: "1-65535,99999,x", state: "closed", reason: "reset", count: 9 }),
    port({ type: "host-done", marks: [{ code: "answers-everything" }, { code: "\u001b[2J" }, 7, null] }),
    port({ type: "host-done", address: "10.0.0.7", marks: [{ code: "answers-everything" }] }),
    "echo '{\"type\":'; echo null; echo '[1]'",
  ];
  const { events } = await ask(host(POSTERN, lines.join("; ")), ports(22, 80, 81));
  expect(events).toEqual([
    "10.0.0.1 tcp 22 open syn-ack",
    "gap: tcp 80 of 10.0.0.1: the postern over there says it in words that are not known here",
    "10.0.0.1 tcp 81 closed reset",
    "mark: 10.0.0.1 answers-everything",
    "gap: 65536 answers: it is about ports that were not asked, or that were answered before; passed over",
  ]);
});

test("a postern that refuses is not gone around: why it did is told", async () => {
  const { events } = await ask(
    host(`${POSTERN}; echo "$tag python3 python3 3.11"`, 'echo "not here" >&2; echo "$tag failed 3"'),
  );
  expect(events).toEqual(['gap: tcp 22, tcp 80 of 10.0.0.1: postern ended there with 3, and said "not here"']);
});

test("a host that vanishes midway: what it has said stands, the rest is a gap", async () => {
  const vanishing =
    'echo "$tag a 0 open 10 1 -"; printf "$tag a 1 op"; echo "client_loop: send disconnect: Broken pipe" >&2; exit 255';
  expect((await ask(host(PYTHON, vanishing))).events).toEqual([
    "10.0.0.1 tcp 22 open conn-accepted",
    "gap: tcp 80 of 10.0.0.1: the connection was closed before it was done",
  ]);
  expect((await ask(host(PYTHON, "exit 127"))).events).toEqual([
    "gap: tcp 22, tcp 80 of 10.0.0.1: the vantage point ended with 127",
  ]);
});

test("megabytes of banner and garbage are read over, or given up, and shown to nobody", async () => {
  const noise = 'head -c 3000000 /dev/zero | tr "\\0" "x"; echo; printf "\\033[2J\\n"';
  const { events } = await ask(host(PYTHON, `${noise}; echo "$tag a 0 open 10 1 -"; yes`));
  expect(events).toEqual(["10.0.0.1 tcp 22 open conn-accepted", "gap: tcp 80 of 10.0.0.1: it said more than is read"]);
  await expect(open(host(`${noise}; yes`, ":"))).rejects.toMatchObject({ trouble: "too-much" });
});

test("whom it answers with garbage, and who asks for a password", async () => {
  const { vantage, events } = await ask(programOf("echo welcome; echo; exit 0"));
  expect(vantage.means).toBe("nothing");
  expect(events).toEqual(["gap: tcp 22, tcp 80 of 10.0.0.1: nothing at the vantage point can ask for it"]);
  const refused = open(programOf(undefined, 'echo "jump: Permission denied (password)." >&2; exit 255'));
  await expect(refused).rejects.toThrow(RemoteError);
});

test("a stop ends it, and says so", async () => {
  const stopping = new AbortController();
  const program = host(PYTHON, 'echo "$tag a 0 open 10 1 -"; sleep 60');
  setTimeout(() => stopping.abort(), 600);
  expect((await ask(program, ports(22, 80), stopping.signal)).events).toEqual([
    "10.0.0.1 tcp 22 open conn-accepted",
    "gap: tcp 80 of 10.0.0.1: it was stopped",
  ]);
});

test("no way there is known before anything is asked", async () => {
  const { events } = await ask(host('echo "$tag python3 python3 3.11"; echo "$tag from 0 none"', "yes"));
  expect(events).toEqual(["gap: tcp 22, tcp 80 of 10.0.0.1: the vantage point has no route to it"]);
});
