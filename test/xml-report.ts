// Reads the XML of nmap and of postern back into data, as far as the tests compare it, and holds it against nmap's DTD.
// Not a reader of XML: it knows how these two write it.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { hasProgram } from "../lab/availability.js";

/** As the package nmap-common has it. */
const DTD = "/usr/share/nmap/nmap.dtd";

/** Whether documents can be held against the DTD here. */
export const canValidate: boolean = hasProgram("xmllint") && existsSync(DTD);

/** What xmllint has against the document; "" for nothing. */
export function dtdComplaints(document: string): string {
  const words = ["--noout", "--dtdvalid", DTD, "-"];
  const { stderr, status } = spawnSync("xmllint", words, { input: document, encoding: "utf8" });
  return status === 0 ? "" : `${status}: ${stderr}`;
}

/** One host of the document. */
export interface XmlHost {
  readonly state: string;
  /** "ADDRESS TYPE", without link addresses' vendors. */
  readonly addresses: readonly string[];
  readonly names: readonly string[];
  /** "PROTOCOL/PORT" with "STATE REASON", also of those that are only counted. */
  readonly ports: Readonly<Record<string, string>>;
  /** Ports that are listed one by one. */
  readonly listed: readonly string[];
  readonly hops: readonly string[];
}

/** The hosts by their first address. */
export function readXmlHosts(document: string): Record<string, XmlHost> {
  const bodies = [...document.matchAll(/<host\b[^>]*>([\s\S]*?)<\/host>/g)].map((match) => match[1] ?? "");
  const hosts = bodies.map((body): [string, XmlHost] => {
    const addresses = captures(body, /<address addr="([^"]+)" addrtype="([^"]+)"/g);
    return [addresses[0]?.split(" ")[0] ?? "", readHost(body, addresses)];
  });
  return Object.fromEntries(hosts.sort(([one], [other]) => (one < other ? -1 : 1)));
}

function readHost(body: string, addresses: readonly string[]): XmlHost {
  const listed = [
    ...body.matchAll(/<port protocol="(\w+)" portid="(\d+)"><state state="([^"]+)" reason="([^"]+)"/g),
  ].map(([, protocol, port, state, reason]): [string, string] => [`${protocol}/${port}`, `${state} ${reason}`]);
  const counted = [...body.matchAll(/<extraports state="([^"]+)" count="(\d+)">([\s\S]*?)<\/extraports>/g)].flatMap(
    ([, state = "", count, reasons = ""]) => {
      const ports = countedPorts(state, reasons);
      if (ports.length !== Number(count)) throw new Error(`${count} ports are announced, ${ports.length} are there`);
      return ports;
    },
  );
  return {
    state: /<status state="(\w+)"/.exec(body)?.[1] ?? "",
    addresses,
    names: captures(body, /<hostname name="([^"]+)" type="([^"]+)"/g),
    ports: Object.fromEntries([...listed, ...counted].sort(([one], [other]) => (one < other ? -1 : 1))),
    listed: listed.map(([port]) => port),
    hops: captures(body, /<hop ttl="(\d+)" ipaddr="([^"]+)"/g),
  };
}

function countedPorts(state: string, reasons: string): [string, string][] {
  const groups = reasons.matchAll(/<extrareasons reason="([^"]+)" count="\d+" proto="([^"]+)" ports="([^"]*)"/g);
  return [...groups].flatMap(([, reason, protocol, ranges = ""]) =>
    ranges.split(",").flatMap((range) => {
      const [first = 0, last = first] = range.split("-").map(Number);
      const count = last - first + 1;
      return Array.from({ length: count }, (_, at): [string, string] => [
        `${protocol}/${first + at}`,
        `${state} ${reason}`,
      ]);
    }),
  );
}

function captures(text: string, pattern: RegExp): readonly string[] {
  return [...text.matchAll(pattern)].map((match) => match.slice(1).join(" "));
}
