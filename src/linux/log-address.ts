// Where records of the system log go, as it is written on a command line or in a file: "udp://collector", "tls://[fd00::1]".
import { UsageError } from "../model/errors.js";
import { quote } from "../target/fault.js";
import { LOCAL_LOG, type LogAddress } from "./log-target.js";

/** Of syslog over UDP (RFC 5426 §3.3), TCP (none is registered for it alone; 601 is usual) and TLS (RFC 5425 §4.1). */
const DEFAULT_PORTS: Readonly<Record<string, number>> = { udp: 514, tcp: 601, tls: 6514 };

/** The local log. */
export const LOCAL_LOG_ADDRESS: LogAddress = { kind: "local", host: LOCAL_LOG, port: 0 };

/** Reads "udp://collector", "tcp://10.0.0.1:601", "tls://[fd00::1]". Throws a UsageError that names the option. */
export function parseLogAddress(option: string, text: string): LogAddress {
  const parts = /^(udp|tcp|tls):\/\/(?:\[([^\]]+)\]|([^:/[\]]+))(?::(\d{1,5}))?\/?$/.exec(text);
  const kind = parts?.[1];
  const host = parts?.[2] ?? parts?.[3];
  const port = Number(parts?.[4] ?? DEFAULT_PORTS[kind ?? ""]);
  if ((kind !== "udp" && kind !== "tcp" && kind !== "tls") || host === undefined || port < 1 || port > 65_535) {
    throw new UsageError(`${option} needs udp://HOST, tcp://HOST or tls://HOST, but was given ${quote(text)}`, {
      hint: "a port may follow (udp://loghost:514); --syslog alone means the log of this machine",
    });
  }
  return { kind, host, port };
}
