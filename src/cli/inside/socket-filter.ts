// Which of the sockets that were read `postern sockets` shows.
import type { InsideSocket, InsideView } from "../../inside/inside-view.js";
import type { PortRange } from "../../target/port-set.js";
import type { SocketsSettings } from "./sockets-options.js";

/** The view with those sockets alone that the settings want. Namespaces and gaps stay. */
export function filterSockets(
  view: InsideView,
  settings: SocketsSettings,
  userNames: ReadonlyMap<number, string>,
): InsideView {
  const tests = testsOf(settings, userNames);
  if (tests.length === 0) return view;
  return { ...view, sockets: view.sockets.filter((one) => tests.every((test) => test(one))) };
}

type Test = (one: InsideSocket) => boolean;

function testsOf(settings: SocketsSettings, userNames: ReadonlyMap<number, string>): readonly Test[] {
  const { protocols, families, ports, processes, users, states } = settings;
  const tests: Test[] = [];
  if (protocols.size > 0) tests.push(({ socket }) => socket.kind !== "inet" || protocols.has(socket.protocol));
  if (families.size > 0) tests.push(({ socket }) => socket.kind === "inet" && families.has(socket.family));
  if (ports.length > 0) tests.push((one) => hasPort(one, ports));
  if (processes.length > 0) tests.push((one) => isHeldBy(one, new Set(processes)));
  if (users.length > 0) tests.push((one) => isOf(one, new Set(users), userNames));
  if (states.length > 0) tests.push(({ socket }) => socket.kind !== "packet" && states.includes(socket.state));
  return tests;
}

function hasPort({ socket }: InsideSocket, ports: readonly PortRange[]): boolean {
  if (socket.kind !== "inet") return false;
  const { localPort, remotePort } = socket;
  const has = (port: number): boolean => ports.some(([first, last]) => port >= first && port <= last);
  return has(localPort) || (remotePort !== 0 && has(remotePort));
}

function isHeldBy({ holders }: InsideSocket, wanted: ReadonlySet<string>): boolean {
  return holders.some(({ process }) => wanted.has(String(process.pid)) || wanted.has(process.name ?? ""));
}

function isOf(
  { socket, holders }: InsideSocket,
  wanted: ReadonlySet<string>,
  names: ReadonlyMap<number, string>,
): boolean {
  const numbers = holders.flatMap(({ process }) => [process.uid, process.effectiveUid]);
  if (socket.kind !== "unix") numbers.push(socket.uid);
  return numbers.some((uid) => uid !== undefined && (wanted.has(String(uid)) || wanted.has(names.get(uid) ?? "")));
}
