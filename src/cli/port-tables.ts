// The tables that ports are chosen and named by: our own, or a file of the user's (--servicedb, --datadir).
import { existsSync, statSync } from "node:fs";
import path from "node:path";
import { InputError } from "../model/errors.js";
import { isFault } from "../target/fault.js";
import { type NmapServices, readNmapServices } from "../target/nmap-services.js";
import type { PortRanking } from "../target/port-ranking.js";
import type { Protocol } from "../target/port-set.js";
import { ServiceTable } from "../target/service-table.js";
import { readIpProtocols, readPortRanking, readServiceTable } from "./data-files.js";
import { readInputText } from "./input-text.js";
import type { ScanSettings } from "./scan-settings.js";

/** The name that nmap's tables of ports have in a directory of its data. */
const FILE_NAME = "nmap-services";

/** Names and ranks of ports. Each is read when it is first asked for. */
export interface PortTables {
  readonly services: () => ServiceTable;
  readonly ranking: () => PortRanking;
  /** The ports that are open at least so often; `undefined` where nobody knows how often. */
  readonly portsFrom: (protocol: Protocol, ratio: number) => readonly number[] | undefined;
  /** What the user should be told. */
  readonly warnings: readonly string[];
}

/**
 * Chooses the tables.
 *
 * @throws InputError when the user's file or directory cannot be read
 */
export function openPortTables({ servicesFile, dataDirectory }: DataSettings): PortTables {
  const inDirectory = dataDirectory === undefined ? undefined : findIn(dataDirectory);
  const file = servicesFile ?? inDirectory;
  if (file !== undefined) return tablesOf(readUserFile(file));
  const isMissing = dataDirectory !== undefined;
  return {
    services: memoized(readServiceTable),
    ranking: memoized(readPortRanking),
    portsFrom: () => undefined,
    warnings: isMissing ? [`there is no ${FILE_NAME} in ${dataDirectory}: postern's own table is used`] : [],
  };
}

type DataSettings = Pick<ScanSettings, "servicesFile" | "dataDirectory">;

function findIn(directory: string): string | undefined {
  const isDirectory = statSync(directory, { throwIfNoEntry: false })?.isDirectory() === true;
  if (!isDirectory) throw new InputError("there is no such directory", { file: directory });
  const file = path.join(directory, FILE_NAME);
  return existsSync(file) ? file : undefined;
}

function readUserFile(file: string): NmapServices {
  const services = readNmapServices(readInputText(file));
  if (isFault(services)) throw new InputError(services.fault, { file, line: services.line });
  return services;
}

/** A file without frequencies says nothing about ranks, and none says anything about IP protocols: ours stay. */
function tablesOf(user: NmapServices): PortTables {
  return {
    services: memoized(() => new ServiceTable(user.serviceRows + readIpProtocols())),
    ranking: memoized(() => user.ranking ?? readPortRanking()),
    portsFrom: (protocol, ratio) => user.portsFrom(protocol, ratio),
    warnings: [],
  };
}

function memoized<Value>(make: () => Value): () => Value {
  let value: Value | undefined;
  return () => {
    value ??= make();
    return value;
  };
}
