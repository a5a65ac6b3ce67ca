// `postern` alone: what is open on this machine, who has it, and what it answers. docs/commands/overview.md.
import process from "node:process";
import { doorProbes, joinAnswers } from "../../inside/door-answers.js";
import { doorsOf } from "../../inside/doors.js";
import { readUserNames } from "../../linux/user-names.js";
import { UsageError } from "../../model/errors.js";
import { readPublishedInside } from "../../published/read-published-inside.js";
import { nextCommands } from "../../report/inside/next-commands.js";
import type { CellContext } from "../../report/inside/socket-cells.js";
import type { Command, CommandConsole } from "../command.js";
import { readServiceTable } from "../data-files.js";
import { askableProtocols, askDoors } from "./ask-doors.js";
import { overviewText } from "./overview-text.js";

const SHOWN = 0;
/** Of a machine with more doors than this, not every address is asked. */
const PROBES_MAX = 2000;
/** Of a machine with very many rules, the ports that they publish are not told: somebody waits for the rest. */
const RULES_PATIENCE_MS = 400;
const UNASKED_UDP = "UDP ports: that needs the right to send raw packets (CAP_NET_RAW)";

/** What runs when there is no word behind `postern`. */
export const overviewCommand: Command = {
  name: "overview",
  summary: "show what is open on this machine, who has it, and what it answers",
  async run(_words, console) {
    if (process.platform !== "linux") {
      throw new UsageError("no target was named, and what is open here is known on Linux alone", {
        hint: "try: postern localhost, or postern --help",
      });
    }
    await show(console);
    return SHOWN;
  },
};

async function show(console: CommandConsole): Promise<void> {
  const view = await readPublishedInside({
    wish: { kinds: new Set(["inet"]), onlyListening: true },
    onlyOwnNamespace: false,
    rulesPatienceMs: RULES_PATIENCE_MS,
  });
  const doors = doorsOf(view);
  const protocols = askableProtocols();
  const { probes, leftOutCount } = doorProbes(doors, protocols, PROBES_MAX);
  const asked = await askDoors(probes);
  const answered = joinAnswers(doors, asked.results);
  const isUdpUnasked = !protocols.has("udp") && doors.some(({ protocol }) => protocol === "udp");
  const asking = {
    ...asked,
    probeCount: probes.length,
    leftOutCount,
    faults: [...(isUdpUnasked ? [UNASKED_UDP] : []), ...asked.faults],
  };
  const isRootMissed = process.geteuid?.() !== 0 && (isUdpUnasked || view.gaps.some(({ code }) => code === "denied"));
  const next = nextCommands(answered, { isRootMissed, commands: console.commands });
  const services = readServiceTable();
  const context: CellContext = {
    userNames: readUserNames(),
    view,
    serviceName: (port, protocol) =>
      protocol === "tcp" || protocol === "udp" || protocol === "sctp" ? services.nameOf(port, protocol) : undefined,
    nowMs: Date.now(),
    processTexts: new Map(),
  };
  console.writeOut(overviewText({ answered, asking, next }, context, console.columns));
}
