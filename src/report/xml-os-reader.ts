// What nmap's XML says of a host's system. nmap.dtd, "os", "uptime", "distance" and the three sequences.
import type { OsClass, OsFacts, SequenceFacts } from "../model/scan-event.js";
import { PORT_MAX } from "../target/port-set.js";
import type { ReadReport } from "./read-report.js";
import { positiveNumber, wholeNumber } from "./read-values.js";
import { isProtocol, readState } from "./read-words.js";
import { cpesOf } from "./xml-ports-reader.js";
import type { XmlElement } from "./xml-records.js";

const PERCENT_MAX = 100;

/** All that the children of a host say of its system; `undefined` when they say nothing. */
export function readOs(children: readonly XmlElement[], report: ReadReport): OsFacts | undefined {
  const find = (wanted: string): XmlElement | undefined => children.find(({ name }) => name === wanted);
  const os = find("os")?.children ?? [];
  const uptime = find("uptime")?.attributes;
  const uptimeSeconds = positiveNumber(uptime?.seconds);
  const distance = wholeNumber(find("distance")?.attributes.value, 255);
  const fingerprint = os.find(({ name }) => name === "osfingerprint")?.attributes.fingerprint;
  const facts: OsFacts = {
    portsUsed: portsUsed(os, report),
    matches: matches(os),
    ...maybe("fingerprint", fingerprint),
    ...maybe("uptimeSeconds", uptimeSeconds),
    ...maybe("lastBoot", uptimeSeconds === undefined ? undefined : uptime?.lastboot),
    ...maybe("distance", distance),
    ...maybe("tcpSequence", tcpSequence(find("tcpsequence"))),
    ...maybe("ipIdSequence", sequence(find("ipidsequence"))),
    ...maybe("tcpTimestamps", sequence(find("tcptssequence"))),
  };
  const isEmpty = Object.values(facts).every((value) => Array.isArray(value) && value.length === 0);
  return isEmpty ? undefined : facts;
}

function maybe<Key extends string, Value>(key: Key, value: Value | undefined): { readonly [Name in Key]?: Value } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [Name in Key]?: Value });
}

function portsUsed(os: readonly XmlElement[], report: ReadReport): OsFacts["portsUsed"] {
  return os.flatMap(({ name, attributes, line }) => {
    if (name !== "portused") return [];
    const { state = "", proto, portid } = attributes;
    const port = wholeNumber(portid, PORT_MAX);
    if (port !== undefined && isProtocol(proto)) return [{ state: readState(state, report), protocol: proto, port }];
    report.notice("odd-value", `line ${line}: a port used to recognise the system is left out: there is none such`);
    return [];
  });
}

/** Before nmap 6 the classes stood beside the matches, without a word which belongs to which: the first one has them. */
function matches(os: readonly XmlElement[]): OsFacts["matches"] {
  const loose = classesOf(os);
  return os
    .filter(({ name }) => name === "osmatch")
    .map(({ attributes, children }, index) => ({
      name: attributes.name ?? "",
      accuracy: wholeNumber(attributes.accuracy, PERCENT_MAX) ?? 0,
      line: wholeNumber(attributes.line) ?? 0,
      classes: [...classesOf(children), ...(index === 0 ? loose : [])],
    }));
}

function classesOf(children: readonly XmlElement[]): readonly OsClass[] {
  return children.filter(({ name }) => name === "osclass").map(osClass);
}

function osClass({ attributes, children }: XmlElement): OsClass {
  const { type, vendor = "", osfamily = "", osgen, accuracy } = attributes;
  return {
    ...maybe("type", type),
    vendor,
    family: osfamily,
    ...maybe("generation", osgen),
    accuracy: wholeNumber(accuracy, PERCENT_MAX) ?? 0,
    cpes: cpesOf(children),
  };
}

function tcpSequence(element: XmlElement | undefined): SequenceFacts | undefined {
  if (element === undefined) return undefined;
  const { index, difficulty = "", values = "" } = element.attributes;
  return { class: difficulty, ...maybe("index", wholeNumber(index)), values };
}

function sequence(element: XmlElement | undefined): SequenceFacts | undefined {
  return element === undefined
    ? undefined
    : { class: element.attributes.class ?? "", values: element.attributes.values ?? "" };
}
