// A comparison in Ndiff's form of XML, for the programs that read it. Facts from Ndiff's manual ("XML output") and from what
// ndiff 7.93 was seen to write. It has no words for doubts: what is no change is not in it.
import type { HostDiff } from "./compare-hosts.js";
import type { DiffContext, DiffSink, DiffWriter, NamedReport } from "./diff-writer.js";
import { hostDiffMarkup } from "./diff-xml-host.js";
import { calendarText, epochSeconds } from "./scan-time.js";
import { element } from "./xml-text.js";

/** Ndiff's XML. */
export const diffXml: DiffWriter = {
  name: "xml",
  summary: "XML in Ndiff's form, for the programs that read it",
  sources: ["Ndiff's manual, XML output"],
  option: "--xml",
  open(context: DiffContext): DiffSink {
    return {
      begin: () => `<?xml version="1.0" encoding="UTF-8"?>\n<nmapdiff version="1"><scandiff>${runs(context)}`,
      host: (diff) => (isTold(diff, context) ? `${hostDiffMarkup(diff, context.options.isSameWanted)}\n` : ""),
      end: () => "</scandiff></nmapdiff>\n",
    };
  },
};

function runs({ a, b }: DiffContext): string {
  const [one, other] = [run(a), run(b)];
  return one === other ? `${one}\n` : `<a>${one}</a>\n<b>${other}</b>\n`;
}

function run({ snapshot: { startedAt, scanner, version, commandLine } }: NamedReport): string {
  const isTimeKnown = epochSeconds(startedAt) > 0;
  return element("nmaprun", {
    scanner,
    args: commandLine,
    start: isTimeKnown ? epochSeconds(startedAt) : undefined,
    startstr: isTimeKnown ? calendarText(startedAt) : undefined,
    version,
  });
}

function isTold({ verdict }: HostDiff, { options }: DiffContext): boolean {
  return (
    verdict === "new" || verdict === "gone" || verdict === "changed" || (verdict === "same" && options.isSameWanted)
  );
}
