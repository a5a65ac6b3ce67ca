// `postern audit`: inside, firewall and outside side by side, and what was intended. docs/audit.md.
import { auditHost } from "../../audit/audit-host.js";
import { UNSAID } from "../../audit/intentions.js";
import { lookAtThisMachine } from "../../audit/this-machine.js";
import { ownAddresses } from "../../linux/own-addresses.js";
import { openSelfVantage } from "../../vantage/self-vantage.js";
import type { Command } from "../command.js";
import { readPortRanking, readServiceTable, readUdpPayloads } from "../data-files.js";

const LIKELY_PORTS = 20;

/** The command. */
export const auditCommand: Command = {
  name: "audit",
  summary: "show where what listens, what the firewall lets in and what answers disagree",
  async run(_words, console) {
    const signal = console.watchInterrupts();
    const services = readServiceTable();
    const vantage = openSelfVantage({ source: undefined, udpPayloads: readUdpPayloads(false).toData() });
    try {
      const subject = await lookAtThisMachine([vantage]);
      const likely = readPortRanking().top("tcp", LIKELY_PORTS);
      const host = await auditHost(subject, {
        intentions: UNSAID,
        likelyPorts: likely.map((port) => ({ protocol: "tcp", port })),
        serviceName: (port, protocol) => services.nameOf(port, protocol),
        scope: { own: ownAddresses(), authorized: [] },
        maxRate: undefined,
        signal,
      });
      console.writeOut(`${JSON.stringify(host, undefined, 1)}\n`);
      return 0;
    } finally {
      await vantage[Symbol.asyncDispose]();
    }
  },
};
