// What a host runs, in XML. nmap.dtd, "os" and what follows it, and reports of nmap 7.93. Nothing is written that is empty:
// nmap2json fails on it.
import type { OsClass, OsFacts, SequenceFacts } from "../model/scan-event.js";
import { element, startTag, xmlText } from "./xml-text.js";

/** All elements about it, one or more a line; "" where nothing is known. */
export function osElements(os: OsFacts | undefined): string {
  if (os === undefined) return "";
  const { uptimeSeconds, lastBoot, distance, tcpSequence, ipIdSequence, tcpTimestamps } = os;
  const lines = [
    ...systemLines(os),
    ...lineIf(uptimeSeconds, (seconds) => element("uptime", { seconds, lastboot: lastBoot })),
    ...lineIf(distance, (value) => element("distance", { value })),
    ...lineIf(tcpSequence, tcpSequenceElement),
    ...lineIf(ipIdSequence, (sequence) => sequenceElement("ipidsequence", sequence)),
    ...lineIf(tcpTimestamps, (sequence) => sequenceElement("tcptssequence", sequence)),
  ];
  return lines.map((line) => `${line}\n`).join("");
}

function lineIf<Value>(value: Value | undefined, write: (value: Value) => string): readonly string[] {
  return value === undefined ? [] : [write(value)];
}

function systemLines({ portsUsed, matches, fingerprint }: OsFacts): readonly string[] {
  const lines = [
    ...portsUsed.map(({ state, protocol, port }) => element("portused", { state, proto: protocol, portid: port })),
    ...matches.flatMap(({ name, accuracy, line, classes }) => [
      startTag("osmatch", { name, accuracy, line }),
      ...classes.map(classElement),
      "</osmatch>",
    ]),
    ...lineIf(fingerprint, (text) => element("osfingerprint", { fingerprint: text })),
  ];
  return lines.length === 0 ? [] : ["<os>", ...lines, "</os>"];
}

function classElement({ type, vendor, family, generation, accuracy, cpes }: OsClass): string {
  const attributes = { type, vendor, osfamily: family, osgen: generation, accuracy };
  const content = cpes.map((cpe) => element("cpe", {}, xmlText(cpe))).join("");
  return element("osclass", attributes, content === "" ? undefined : content);
}

function tcpSequenceElement({ class: difficulty, index, values }: SequenceFacts): string {
  return element("tcpsequence", { index: index ?? 0, difficulty, values });
}

function sequenceElement(name: "ipidsequence" | "tcptssequence", sequence: SequenceFacts): string {
  return element(name, { class: sequence.class, values: sequence.values });
}
