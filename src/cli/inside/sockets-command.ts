// `postern sockets`: what listens on this machine, and who has it. docs/commands/sockets.md.
import { setTimeout as sleep } from "node:timers/promises";
import type { InsideSocket, InsideView } from "../../inside/inside-view.js";
import { readInsideTree } from "../../inside/open-inside.js";
import { socketChanges } from "../../inside/socket-changes.js";
import { readUserNames } from "../../linux/user-names.js";
import { VERSION } from "../../model/version.js";
import { readPublishedInside } from "../../published/read-published-inside.js";
import type { CellContext } from "../../report/inside/socket-cells.js";
import {
  type SocketChange,
  type SocketJsonContext,
  socketChangeLine,
  socketDocument,
} from "../../report/inside/socket-json.js";
import { socketLine, socketTables } from "../../report/inside/socket-table.js";
import type { Command, CommandConsole } from "../command.js";
import { readServiceTable } from "../data-files.js";
import type { InsideReports } from "./inside-reports.js";
import { filterSockets } from "./socket-filter.js";
import { parseSocketsArguments, type SocketsSettings, socketsHelp } from "./sockets-options.js";

const SHOWN = 0;

/** Shows the inside. */
export const socketsCommand: Command = {
  name: "sockets",
  summary: "show what listens on this machine, and which process has it",
  async run(words, console) {
    const settings = parseSocketsArguments(words);
    if (settings.isHelp) {
      console.writeOut(socketsHelp(console.columns ?? 80));
      return SHOWN;
    }
    const reports = await openReports(settings, words, console);
    const show = new Show(settings, console, reports);
    if (settings.watchSec === undefined) await show.once();
    else await show.watch(settings.watchSec);
    return SHOWN;
  },
};

/** What writes reports is loaded where some are wanted. */
async function openReports(settings: SocketsSettings, words: readonly string[], { writeOut }: CommandConsole) {
  if (settings.reports.length === 0) return undefined;
  const { InsideReports } = await import("./inside-reports.js");
  return InsideReports.open(settings, ["sockets", ...words], writeOut);
}

/** One run of the command. */
class Show {
  readonly #settings: SocketsSettings;
  readonly #console: CommandConsole;
  readonly #userNames: ReadonlyMap<number, string>;
  readonly #names: Pick<CellContext, "userNames" | "serviceName">;
  readonly #reports: InsideReports | undefined;

  constructor(settings: SocketsSettings, console: CommandConsole, reports: InsideReports | undefined) {
    this.#reports = reports;
    const { isNumeric, procRoot } = settings;
    this.#settings = settings;
    this.#console = console;
    // Of another machine's users nothing is known here.
    this.#userNames = isNumeric || procRoot !== undefined ? new Map() : readUserNames();
    const services = isNumeric ? undefined : readServiceTable();
    this.#names = {
      userNames: this.#userNames,
      serviceName: (port, protocol) =>
        protocol === "tcp" || protocol === "udp" || protocol === "sctp" ? services?.nameOf(port, protocol) : undefined,
    };
  }

  async once(): Promise<void> {
    const view = await this.#read();
    if (this.#reports?.isOutTaken !== true) this.#showAll(view, new Date());
  }

  /** Reads again and again, and tells what has come and gone, until the process is ended. */
  async watch(everySec: number): Promise<never> {
    let before = await this.#read();
    this.#showFirst(before, new Date());
    for (;;) {
      await sleep(everySec * 1000);
      const after = await this.#read();
      const { came, went } = socketChanges(before, after);
      const now = new Date();
      for (const one of went) this.#tell("went", one, before, now);
      for (const one of came) this.#tell("came", one, after, now);
      before = after;
    }
  }

  #showAll(view: InsideView, now: Date): void {
    const { isJson, hasConnections } = this.#settings;
    const style = { width: this.#console.columns, hasConnections };
    const pieces = isJson ? socketDocument(view, this.#json(now)) : socketTables(view, this.#cells(view, now), style);
    for (const piece of pieces) this.#console.writeOut(piece);
  }

  /** For programs a watch has lines alone. */
  #showFirst(view: InsideView, now: Date): void {
    if (!this.#settings.isJson) this.#showAll(view, now);
    else for (const one of view.sockets) this.#tell("present", one, view, now);
  }

  #tell(change: SocketChange, one: InsideSocket, view: InsideView, now: Date): void {
    if (this.#settings.isJson) {
      this.#console.writeOut(socketChangeLine(change, one, this.#json(now)));
      return;
    }
    const sign = change === "came" ? "+" : "-";
    const line = socketLine(one, this.#cells(view, now));
    this.#console.writeOut(`${now.toTimeString().slice(0, 8)} ${sign} ${line}\n`);
  }

  #cells(view: InsideView, now: Date): CellContext {
    return { ...this.#names, view, nowMs: now.getTime(), processTexts: new Map() };
  }

  #json(now: Date): SocketJsonContext {
    return { at: now.toISOString(), version: VERSION, userNames: this.#userNames };
  }

  async #read(): Promise<InsideView> {
    const { kinds, hasConnections, onlyOwnNamespace, procRoot } = this.#settings;
    const inside = { wish: { kinds, onlyListening: !hasConnections }, onlyOwnNamespace };
    const view = await (procRoot === undefined ? readPublishedInside(inside) : readInsideTree(procRoot, inside));
    this.#reports?.write(view, this.#userNames);
    return filterSockets(view, this.#settings, this.#userNames);
  }
}
