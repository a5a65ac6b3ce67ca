// Our own tables, beside the program: data/ in the package.
import { readFileSync } from "node:fs";
import { InternalError } from "../model/errors.js";
import { PortRanking } from "../target/port-ranking.js";
import { ServiceTable } from "../target/service-table.js";

/** The names of ports. */
export function readServiceTable(): ServiceTable {
  return new ServiceTable(readTable("services.tsv"));
}

/** Ports by how likely they are to be in use. */
export function readPortRanking(): PortRanking {
  return new PortRanking(readTable("port-ranking.tsv"));
}

function readTable(name: string): string {
  const place = new URL(`../../data/${name}`, import.meta.url);
  try {
    return readFileSync(place, "utf8");
  } catch (error) {
    throw new InternalError(`the table ${name} that belongs to postern cannot be read`, {
      hint: "install postern again",
      cause: error,
    });
  }
}
