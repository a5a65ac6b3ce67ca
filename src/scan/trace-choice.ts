// Which probe traces the way to a host: one that the host has answered, for then silence is a router's.
import { numberOf } from "../technique/list.js";
import type { Host } from "./host.js";
import { Trace } from "./trace.js";

/** Begins the trace; false when there is no way that could be traced, or nothing that the host would answer. */
export function beginTrace(host: Host): boolean {
  const { path, answeredPort, answeredTechnique, answeredTtl, upReason, upTtl, upQuestion } = host;
  if (path.kind !== "frames" || path.isOwn || host.trace !== undefined) return false;
  if (path.isNear)
    host.trace = new Trace(numberOf("icmp-echo"), 0, 255); // no router lies between
  else if (answeredPort >= 0) host.trace = new Trace(answeredTechnique, answeredPort, answeredTtl);
  else if (upReason === "echo-reply") host.trace = new Trace(numberOf("icmp-echo"), 0, upTtl);
  else if (upQuestion !== undefined && (upReason === "syn-ack" || upReason === "reset"))
    host.trace = new Trace(upQuestion.technique, upQuestion.port, upTtl);
  else return false;
  return true;
}
