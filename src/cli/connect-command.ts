// `postern connect HOST PORT…`: one connection, or probes of single ports. docs/commands/connect.md.
import { monotonicClock } from "../linux/clock.js";
import { UsageError } from "../model/errors.js";
import type { Command } from "./command.js";
import { connectHelp, parseConnectArguments } from "./connect-options.js";
import { findTarget } from "./connect-target.js";
import { probePorts } from "./probe-ports.js";
import { talkToPort } from "./talk-to-port.js";

/** Connects to a port, or probes several. */
export const connectCommand: Command = {
  name: "connect",
  summary: "connect to a port as nc and telnet do, or probe it",
  async run(words, console) {
    const settings = parseConnectArguments(words);
    if (settings.isHelp) {
      console.writeOut(connectHelp(console.columns ?? 80));
      return 0;
    }
    if (process.platform !== "linux") {
      throw new UsageError("postern connect needs Linux", { hint: "postern -sT probes ports on other systems" });
    }
    const target = await findTarget(settings);
    if (settings.isProbe)
      return probePorts(settings, target, monotonicClock, (line) => console.writeError(`${line}\n`));
    return talkToPort(settings, target, console);
  },
};
