import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { REPORT_WRITERS } from "./forms.js";
import { done, host, hostDone, port, START } from "./normal-events.test.data.js";
import type { HostOutcome, ReportCut, ReportCutter, ReportPiece } from "./report-cutter.js";
import { REPORT_CUTTERS } from "./report-cutters.js";
import type { ReportOptions } from "./report-writer.js";
import { RICH_SCAN, writeWith } from "./rich-scan.test.data.js";
import { linesOf } from "./text-lines.js";

interface Cut {
  readonly cut: ReportCut;
  readonly pieces: readonly ReportPiece[];
}

async function cutText(cutter: ReportCutter, text: string): Promise<Cut> {
  const cut = cutter.open("r");
  const pieces: ReportPiece[] = [];
  for await (const line of linesOf(chunksOf(text), "r")) pieces.push(...cut.take(line));
  return { cut, pieces };
}

async function* chunksOf(text: string): AsyncGenerator<string, void, void> {
  yield text;
}

function outcomesOf({ pieces }: Cut): ReadonlyMap<string, HostOutcome> {
  const outcomes = new Map<string, HostOutcome>();
  for (const { address, outcome } of pieces) {
    if (address !== undefined && outcome !== undefined) outcomes.set(address, outcome);
  }
  return outcomes;
}

function writerOf({ name }: ReportCutter) {
  const writer = REPORT_WRITERS.find((one) => one.name === name);
  if (writer === undefined) throw new Error(`no writer ${name}`);
  return writer;
}

/** A host that is done, one that is down, one that was under way. */
const SCAN = [
  START,
  host({ id: 1, address: "10.0.0.1" }),
  port(22),
  { ...hostDone(), hostId: 1 },
  host({ id: 2, address: "10.0.0.2", status: "down" }),
  host({ id: 3, address: "fe80::1", family: 6 }),
  { ...hostDone(), hostId: 3, end: "stopped" as const },
  host({ id: 4, address: "10.0.0.4" }),
  { ...hostDone(), hostId: 4, end: "host-timeout" as const },
  done({ isAborted: true }),
].map((event) => (event.type === "port" ? { ...event, hostId: 1 } : event));

const WORDS = ["postern", "-v", "-oX", "a b.xml", "it's", "10.0.0.0/29"];
const LINE = `postern -v -oX "a b.xml" "it's" 10.0.0.0/29`;

describe.each(REPORT_CUTTERS.map((cutter) => [cutter.name, cutter] as const))("%s", (_, cutter) => {
  const write = (options: Partial<ReportOptions> = {}): string => {
    return writeWith(writerOf(cutter), SCAN, { verbosity: 1, words: WORDS, ...options });
  };

  test.each(["postern", "nmap"] as const)("tells of each host how far it came, in the name of %s", async (program) => {
    const seen = await cutText(cutter, write({ program }));
    expect(Object.fromEntries(outcomesOf(seen))).toEqual({
      "10.0.0.1": "up",
      "10.0.0.2": "down",
      "fe80::1": "unfinished",
      "10.0.0.4": "up",
    });
    expect(seen.cut.head?.commandLine).toBe(LINE);
    expect(seen.cut.head?.startedAt).toMatch(/^2026-11-23T15:10:07/);
    expect(seen.cut.isDone).toBe(false);
  });

  test("gives all text back but the end, and what is written anew fits behind it", async () => {
    const whole = writeWith(writerOf(cutter), RICH_SCAN);
    const { pieces, cut } = await cutText(cutter, whole);
    const kept = pieces.map(({ text }) => text).join("");
    expect(cut.isDone).toBe(true);
    const isStream = cutter.name === "jsonl";
    if (isStream) expect(whole.replace(/^\{"type":"(?:done|progress)".*\n/gm, "")).toBe(kept);
    else expect(whole.startsWith(kept)).toBe(true);
    const sink = writerOf(cutter).open({
      showReason: false,
      onlyOpen: false,
      verbosity: 0,
      showNotices: true,
      serviceName: () => undefined,
    });
    const tail = [START, done()].map((event, at) => (at === 0 ? sink(event) && "" : sink(event))).join("");
    const again = await cutText(cutter, kept + tail);
    expect(outcomesOf(again)).toEqual(outcomesOf({ pieces, cut }));
    expect(again.cut.isDone).toBe(true);
  });

  test("a report that is cut anywhere never makes a host done that is not all there", async () => {
    const whole = write();
    const sound = new Map((await cutText(cutter, whole)).pieces.map((piece) => [piece.text, piece]));
    for (let length = 0; length < whole.length; length += 7) {
      const { pieces, cut } = await cutText(cutter, whole.slice(0, length));
      expect(cut.isDone).toBe(false);
      for (const piece of pieces) {
        if (piece.outcome === "up" || piece.outcome === "down") expect(sound.get(piece.text)).toEqual(piece);
      }
    }
  });

  test("no text makes it fail otherwise than with a place", async () => {
    const bits = [
      "\n",
      "<host",
      "</host>",
      "<hosthint>",
      " ",
      "Host: 10.0.0.1 (",
      "# ",
      "postern report for 10.0.0.1",
      '{"type":"host"}',
      "&#x110000;",
      '<nmaprun args="',
      ">",
      '"',
      "\u0000",
    ];
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: fc.constantFrom(...bits) }), async (text) => {
        await cutText(cutter, text).catch((error: unknown) => {
          expect(String(error)).toContain("InputError: r:");
        });
      }),
    );
  });
});

test("an entity that is not XML's own leaves no command line", async () => {
  const [cutter] = REPORT_CUTTERS.filter(({ name }) => name === "xml");
  if (cutter === undefined) throw new Error("no cutter");
  const { cut } = await cutText(cutter, '<nmaprun scanner="nmap" args="nmap &evil;" start="1">\n');
  expect(cut.head).toBeUndefined();
});
