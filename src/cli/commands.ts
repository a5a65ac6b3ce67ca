// All commands of postern's own. What a command needs is loaded when it is called: a scan must not wait for it.
import type { Command } from "./command.js";

/** Commands by name, in the order of help. A target of such a name is written with a dot at its end, or behind `--`. */
export const COMMANDS: ReadonlyMap<string, () => Promise<Command>> = new Map<string, () => Promise<Command>>([
  ["convert", async () => (await import("./convert-command.js")).convertCommand],
  ["diff", async () => (await import("./diff-command.js")).diffCommand],
  ["history", async () => (await import("./history/history-command.js")).historyCommand],
  ["sockets", async () => (await import("./inside/sockets-command.js")).socketsCommand],
  ["kernel", async () => (await import("./kernel-command.js")).kernelCommand],
  ["connect", async () => (await import("./connect-command.js")).connectCommand],
  ["firewall", async () => (await import("./firewall/firewall-command.js")).firewallCommand],
  ["policy", async () => (await import("./policy/policy-command.js")).policyCommand],
  ["audit", async () => (await import("./audit/audit-command.js")).auditCommand],
  ["watch", async () => (await import("./watch/watch-command.js")).watchCommand],
  ["completion", async () => (await import("./completion-command.js")).completionCommand],
]);

/** What runs when no word is typed at all. */
export async function loadOverview(): Promise<Command> {
  return (await import("./inside/overview-command.js")).overviewCommand;
}

/** All of them, loaded: for what tells of each. */
export function loadCommands(): Promise<readonly Command[]> {
  return Promise.all([...COMMANDS.values()].map((load) => load()));
}
