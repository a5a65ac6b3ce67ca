import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { CompactScanEvent, HostFacts } from "../model/scan-event.js";
import { type Address, formatAddress } from "../target/address.js";
import { type NameHostsOptions, type NameSource, nameHosts } from "./name-hosts.js";

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

/** Knows each address after so many ms; `h1.test` for 10.0.0.1, nothing where it is told so. */
class SlowSource {
  whyStopped: string | undefined;
  readonly asked: string[] = [];
  readonly delaysMs: Readonly<Record<string, number>>;
  readonly nameless: ReadonlySet<string>;

  constructor(delaysMs: Readonly<Record<string, number>> = {}, nameless: readonly string[] = []) {
    this.delaysMs = delaysMs;
    this.nameless = new Set(nameless);
  }

  async names(address: Address): Promise<readonly string[]> {
    const text = formatAddress(address);
    this.asked.push(text);
    await new Promise((resolve) => setTimeout(resolve, this.delaysMs[text] ?? 10));
    return this.nameless.has(text) ? [] : [`h${text.split(".")[3]}.test`];
  }
}

/** A scan whose events come when the test says so. */
class Script implements AsyncIterable<CompactScanEvent> {
  isClosed = false;
  reads = 0;
  readonly #events: CompactScanEvent[] = [];
  #end: { readonly error?: Error } | undefined;
  #wake: () => void = () => {};

  tell(...events: readonly CompactScanEvent[]): void {
    this.#events.push(...events);
    this.#wake();
  }

  end(error?: Error): void {
    this.#end = error === undefined ? {} : { error };
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<CompactScanEvent, void, void> {
    try {
      for (;;) {
        const event = this.#events.shift();
        if (event !== undefined) {
          this.reads += 1;
          yield event;
        } else if (this.#end !== undefined) break;
        else
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
      }
      if (this.#end.error !== undefined) throw this.#end.error;
    } finally {
      this.isClosed = true;
    }
  }
}

function host(id: number, status: HostFacts["status"] = "up"): CompactScanEvent {
  const seen = { reason: "echo-reply", ttl: 64, rttMs: 1, mac: undefined } as const;
  const address = `10.0.${id >> 8}.${id & 255}`;
  return {
    type: "host",
    host: { id, address, family: 4, name: undefined, otherAddresses: [], status, ...seen },
  };
}

function hostDone(hostId: number): CompactScanEvent {
  const loss = { lossShare: 0, missedEstimate: 0 };
  return { type: "host-done", hostId, rttMs: 1, loss, end: "done", undecided: [], marks: [] };
}

function notice(text: string): CompactScanEvent {
  return { type: "notice", level: "info", code: "test", text };
}

const DONE: CompactScanEvent = {
  type: "done",
  finishedAt: "2026-11-23T15:10:08Z",
  elapsedMs: 1,
  counts: {
    hosts: 1,
    unreachable: 0,
    hostsUp: 1,
    ports: 0,
    sent: 1,
    answered: 1,
    resent: 0,
    late: 0,
    kernelDrops: 0,
    ignored: 0,
  },
  loss: { lossShare: 0, missedEstimate: 0 },
  isAborted: false,
};

/** An event in a word: "host 1", "names 1 h1.test", "done 1", "notice x". */
function word(event: CompactScanEvent): string {
  switch (event.type) {
    case "host":
      return `host ${event.host.id}`;
    case "host-names":
      return `names ${event.hostId} ${event.names.join(" ")}`;
    case "host-done":
      return `done ${event.hostId}`;
    case "notice":
      return event.code === "test" ? event.text : event.code;
    default:
      return event.type;
  }
}

function start(script: Script, source: NameSource, options: Partial<NameHostsOptions> = {}) {
  const heard: string[] = [];
  const over = (async () => {
    for await (const event of nameHosts(script, source, { isForAll: false, ...options })) heard.push(word(event));
  })();
  over.catch(() => {}); // looked at by the tests that expect it
  return { heard, over };
}

/** Lets everything happen that happens within so many ms. */
async function pass(ms: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms);
}

test("a host's names come in front of its end, and the scan goes on meanwhile", async () => {
  const script = new Script();
  const { heard, over } = start(script, new SlowSource({ "10.0.0.1": 100 }));
  script.tell(host(1), notice("a"), hostDone(1), host(2), notice("b"), hostDone(2), notice("c"));
  await pass(0);
  expect(heard).toEqual(["host 1", "a", "host 2", "b", "c"]);
  await pass(10);
  expect(heard.slice(5)).toEqual(["names 2 h2.test", "done 2"]);
  script.tell(DONE);
  script.end();
  await pass(50);
  expect(heard.slice(7)).toEqual([]);
  await pass(50);
  await over;
  expect(heard.slice(7)).toEqual(["names 1 h1.test", "done 1", "done"]);
});

test("names that are there before the end wait for it; hosts without names have none", async () => {
  const script = new Script();
  const { heard, over } = start(script, new SlowSource({}, ["10.0.0.2"]));
  script.tell(host(1), host(2));
  await pass(1000);
  expect(heard).toEqual(["host 1", "host 2"]);
  script.tell(hostDone(2), hostDone(1), DONE);
  script.end();
  await over;
  expect(heard.slice(2)).toEqual(["done 2", "names 1 h1.test", "done 1", "done"]);
});

test("a host without an end has its names before the last event", async () => {
  const script = new Script();
  const { heard, over } = start(script, new SlowSource());
  script.tell(host(1), DONE);
  script.end();
  await pass(10);
  await over;
  expect(heard).toEqual(["host 1", "names 1 h1.test", "done"]);
});

test("hosts that are not up are named only if all shall be", async () => {
  for (const isForAll of [false, true]) {
    const script = new Script();
    const source = new SlowSource();
    const { heard, over } = start(script, source, { isForAll });
    script.tell(host(1, "down"), host(2, "listed"), host(3), hostDone(3), DONE);
    script.end();
    await pass(10);
    await over;
    const named = [
      "host 3",
      "names 1 h1.test",
      "host 1",
      "names 2 h2.test",
      "host 2",
      "names 3 h3.test",
      "done 3",
      "done",
    ];
    expect(heard).toEqual(isForAll ? named : ["host 1", "host 2", "host 3", "names 3 h3.test", "done 3", "done"]);
    expect(source.asked).toHaveLength(isForAll ? 3 : 1);
  }
});

test("a host that is told twice is asked for once", async () => {
  const script = new Script();
  const source = new SlowSource();
  const { heard, over } = start(script, source);
  script.tell(host(1), host(1), hostDone(1), DONE);
  script.end();
  await pass(10);
  await over;
  expect(heard).toEqual(["host 1", "host 1", "names 1 h1.test", "done 1", "done"]);
  expect(source.asked).toHaveLength(1);
});

test("'finished' does not overtake the hosts of which it speaks", async () => {
  const script = new Script();
  const { heard, over } = start(script, new SlowSource({ "10.0.0.1": 50, "10.0.0.7": 500 }));
  script.tell(host(1), host(7), hostDone(1), hostDone(7), { type: "finished", ranges: [[0, 3]] });
  await pass(49);
  expect(heard).toEqual(["host 1", "host 7"]);
  await pass(1);
  expect(heard.slice(2)).toEqual(["names 1 h1.test", "done 1", "finished"]);
  script.tell({ type: "finished", ranges: [[9, 9]] }, DONE);
  script.end();
  await pass(500);
  await over;
  expect(heard.slice(5)).toEqual(["finished", "names 7 h7.test", "done 7", "done"]);
});

test("at most 4,096 hosts wait; then no more events are read until some have their names", async () => {
  const script = new Script();
  const answers: ((names: readonly string[]) => void)[] = [];
  const source: NameSource = {
    whyStopped: undefined,
    names: () => new Promise((resolve) => answers.push(resolve)),
  };
  const { heard, over } = start(script, source);
  script.tell(...Array.from({ length: 5000 }, (_, id) => host(id)), DONE);
  script.end();
  await pass(1);
  expect(script.reads).toBe(4096);
  answers.shift()?.(["first.test"]);
  await pass(1);
  expect(script.reads).toBe(4097);
  for (const answer of answers.splice(0)) answer(["early.test"]);
  await pass(1);
  expect(script.reads).toBe(5001);
  for (const answer of answers.splice(0)) answer(["late.test"]);
  await over;
  expect(heard.filter((text) => text.startsWith("names"))).toHaveLength(5000);
});

test("a scan that is stopped waits for names a second at most", async () => {
  const abort = new AbortController();
  const script = new Script();
  const source = new SlowSource({ "10.0.0.1": 999, "10.0.0.2": 60_000 });
  const { heard, over } = start(script, source, { signal: abort.signal });
  script.tell(host(1), host(2), hostDone(1), hostDone(2));
  await pass(0);
  abort.abort();
  script.tell(DONE);
  script.end();
  await pass(999);
  expect(heard).toEqual(["host 1", "host 2", "names 1 h1.test", "done 1"]);
  await pass(1);
  await over;
  expect(heard.slice(4)).toEqual(["done 2", "done"]);
  await pass(60_000);
  expect(heard).toHaveLength(6);
});

test("an abort that has come before is one, too, and later hosts are not asked for", async () => {
  const script = new Script();
  const source = new SlowSource({ "10.0.0.1": 60_000 });
  const { heard, over } = start(script, source, { signal: AbortSignal.abort() });
  script.tell(host(1));
  await pass(1000);
  script.tell(host(2), hostDone(2), hostDone(1), DONE);
  script.end();
  await over;
  expect(heard).toEqual(["host 1", "host 2", "done 2", "done 1", "done"]);
  expect(source.asked).toHaveLength(1);
});

test("it is said once that nobody is asked any more", async () => {
  const script = new Script();
  const source = new SlowSource({}, ["10.0.0.1", "10.0.0.2"]);
  const { heard, over } = start(script, source);
  source.whyStopped = "no server answers";
  script.tell(host(1), host(2), hostDone(1), hostDone(2), DONE);
  script.end();
  await pass(10);
  await over;
  expect(heard).toEqual(["host 1", "host 2", "done 1", "no-reverse-dns", "done 2", "done"]);
});

test("a scan that fails tells what is known and fails here, too", async () => {
  const script = new Script();
  const { heard, over } = start(script, new SlowSource());
  script.tell(host(1), hostDone(1));
  script.end(new Error("the ring broke"));
  await pass(10);
  await expect(over).rejects.toThrow("the ring broke");
  expect(heard).toEqual(["host 1", "names 1 h1.test", "done 1"]);
});

test("whoever stops listening stops the scan", async () => {
  const script = new Script();
  script.tell(host(1), host(2));
  for await (const event of nameHosts(script, new SlowSource(), { isForAll: false })) {
    expect(word(event)).toBe("host 1");
    break;
  }
  expect(script.isClosed).toBe(true);
});
