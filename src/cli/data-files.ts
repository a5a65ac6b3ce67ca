// Our own tables, beside the program: data/ in the package.
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { InternalError } from "../model/errors.js";
import { PortRanking } from "../target/port-ranking.js";
import { ServiceTable } from "../target/service-table.js";
import { parseUdpPayloads, type UdpPayloads } from "../technique/udp-payloads.js";

/** The names of ports, and of IP protocols. */
export function readServiceTable(): ServiceTable {
  return new ServiceTable(readTable("services.tsv") + readIpProtocols());
}

/** The names of IP protocols, as rows for a table of services. */
export function readIpProtocols(): string {
  return readTable("ip-protocols.tsv").replace(/^(\d+)\t(.+)$/gm, "$2\t$1\tip");
}

/** What UDP services are asked. Rows that cannot be read are passed over; a test looks that there are none. */
export function readUdpPayloads(isPrinterAllowed: boolean): UdpPayloads {
  return parseUdpPayloads(readTable("udp-payloads.tsv"), isPrinterAllowed).table;
}

/** Ports by how likely they are to be in use. */
export function readPortRanking(): PortRanking {
  return new PortRanking(readTable("port-ranking.tsv"));
}

/** Where the tables are, as a path. */
export function dataFolder(): string {
  return fileURLToPath(new URL("data", packageRoot()));
}

/** The nearest folder above that has a package.json: this file runs from src/cli/ in tests and from dist/ otherwise. */
function packageRoot(): URL {
  for (let place = new URL("../", import.meta.url); ; place = new URL("../", place)) {
    if (existsSync(new URL("package.json", place)) || place.pathname === "/") return place;
  }
}

function readTable(name: string): string {
  try {
    return readFileSync(new URL(`data/${name}`, packageRoot()), "utf8");
  } catch (error) {
    throw new InternalError(`the table ${name} that belongs to postern cannot be read`, {
      hint: "install postern again",
      cause: error,
    });
  }
}
