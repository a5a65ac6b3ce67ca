// `postern sockets`: what listens on this machine, and who has it. docs/commands/sockets.md.
import type { InsideView } from "../../inside/inside-view.js";
import { readInsideLive, readInsideTree } from "../../inside/open-inside.js";
import { readUserNames } from "../../linux/user-names.js";
import { VERSION } from "../../model/version.js";
import type { CellContext } from "../../report/inside/socket-cells.js";
import { socketDocument } from "../../report/inside/socket-json.js";
import { socketTables } from "../../report/inside/socket-table.js";
import type { Command, CommandConsole } from "../command.js";
import { readServiceTable } from "../data-files.js";
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
    showOnce(settings, console);
    return SHOWN;
  },
};

function showOnce(settings: SocketsSettings, console: CommandConsole): void {
  const now = new Date();
  const userNames = settings.procRoot === undefined ? readUserNames() : new Map<number, string>();
  const view = filterSockets(readView(settings), settings, userNames);
  if (settings.isJson) {
    console.writeOut(socketDocument(view, { at: now.toISOString(), version: VERSION, userNames }));
    return;
  }
  const style = { width: console.columns, hasConnections: settings.hasConnections };
  console.writeOut(socketTables(view, cellContext(settings, userNames, now), style));
}

function readView({ kinds, hasConnections, onlyOwnNamespace, procRoot }: SocketsSettings): InsideView {
  const wish = { kinds, onlyListening: !hasConnections };
  const inside = { wish, onlyOwnNamespace };
  return procRoot === undefined ? readInsideLive(inside) : readInsideTree(procRoot, inside);
}

function cellContext({ isNumeric }: SocketsSettings, userNames: ReadonlyMap<number, string>, now: Date): CellContext {
  const services = isNumeric ? undefined : readServiceTable();
  return {
    userNames: isNumeric ? new Map() : userNames,
    serviceName: (port, protocol) =>
      protocol === "tcp" || protocol === "udp" || protocol === "sctp" ? services?.nameOf(port, protocol) : undefined,
    nowMs: now.getTime(),
  };
}
