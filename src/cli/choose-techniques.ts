// Which techniques a plan has, and whether the way that probes shall leave can carry them.
import { UsageError } from "../model/errors.js";
import type { PortTechniqueName, ScanPlan } from "../scan/plan.js";
import { PROTOCOLS, type Protocol } from "../target/port-set.js";
import { techniqueOption } from "./scan-options/technique-options.js";
import type { ScanSettings } from "./scan-settings.js";

/**
 * The techniques that were asked for; the best for TCP where none was.
 *
 * @throws UsageError when the transport cannot carry one of them
 */
export function chooseTechniques(settings: ScanSettings): ScanPlan["techniques"] {
  const { techniques, transport, scanFlags } = settings;
  const isConnecting = transport === "io_uring" || transport === "epoll" || transport === "node";
  const raw = techniques.find((name) => name !== "tcp-connect") ?? (scanFlags === undefined ? undefined : "tcp-syn");
  if (isConnecting) {
    if (raw === undefined) return ["tcp-connect"];
    const asked = techniques.length === 0 ? "--scanflags" : techniqueOption(raw);
    throw new UsageError(`--transport ${transport} makes whole connections, and ${asked} does not`, {
      hint: `use -sT with it, or --transport ring or raw with ${asked}`,
    });
  }
  if (transport !== "auto" && techniques.includes("tcp-connect")) {
    throw new UsageError(`--transport ${transport} sends packets of our own, and -sT does not`, {
      hint: "use -sS with it, or --transport io_uring, epoll or node with -sT",
    });
  }
  if (techniques.length > 0) return techniques;
  return [scanFlags === undefined ? "tcp-auto" : "tcp-syn"];
}

/** What the techniques ask ports of, in the order of reports, each once. */
export function protocolsOf(techniques: ScanPlan["techniques"]): readonly Protocol[] {
  return PROTOCOLS.filter((protocol) => techniques.some((name) => protocolOf(name) === protocol));
}

function protocolOf(technique: PortTechniqueName | "tcp-auto"): Protocol {
  return PROTOCOLS.find((protocol) => technique.startsWith(protocol)) ?? "tcp";
}
