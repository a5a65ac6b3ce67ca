// A published port in one line, for tests.
import type { PublishedPort } from "../inside/published-port.js";

/** "tcp 192.0.2.1:80 -> 10.0.0.2:8080", with what else is to be known of it. */
export function shown(port: PublishedPort): string {
  const { protocol, hostAddress, hostPorts, target, toAddress, toPorts, inInterface, sources, hooks } = port;
  const to = `${toAddress ?? target}${toPorts === undefined ? "" : `:${portsText(toPorts)}`}`;
  const notes = [
    inInterface === undefined ? "" : `by ${inInterface.isExcept ? "not " : ""}${inInterface.name}`,
    sources.length === 0 ? "" : `from ${sources.join(" and ")}`,
    hooks.length === 2 ? "" : hooks.join(),
    port.isShared ? "shared" : "",
    port.isCertain ? "" : "perhaps",
  ].filter((note) => note !== "");
  const from = `${protocol ?? "any"} ${hostAddress ?? "*"}:${hostPorts === undefined ? "*" : portsText(hostPorts)}`;
  return [`${from} -> ${to}`, ...notes].join(", ");
}

function portsText([first, last]: readonly [number, number]): string {
  return first === last ? String(first) : `${first}-${last}`;
}
