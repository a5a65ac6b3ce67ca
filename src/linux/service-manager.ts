// What a service tells systemd, or whoever has started it in its manner: sd_notify(3), sd_watchdog_enabled(3). Datagrams to a Unix
// socket that the environment names. Without one nothing is told.
import { SystemCallError } from "../model/errors.js";
import { checked, libc } from "./libc.js";
import { AF_UNIX, MSG_DONTWAIT, SOCK_CLOEXEC, SOCK_DGRAM } from "./socket-constants.js";

/** sockaddr_un.sun_path (unix(7)). */
const PATH_BYTES_MAX = 108;
const STATUS_CHARACTERS_MAX = 200;

/** One who wants to know how a service is. */
export interface ServiceManager {
  /** How often a sign of life is wanted; undefined for never. Half of the time after which it takes us for dead. */
  readonly signEveryMs: number | undefined;
  ready(): void;
  /** What it does now, in one line. */
  status(text: string): void;
  /** Its settings are read anew; {@link ready} says when that is done. */
  reloading(): void;
  alive(): void;
  stopping(): void;
}

/** What the names of the environment are that are for one process only: programs that it starts must not have them. */
export const SERVICE_VARIABLES: readonly string[] = ["NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC"];

/** The manager that the environment names; one that hears nothing where it names none. */
export function findServiceManager(
  environment: Readonly<Record<string, string | undefined>>,
  processId: number,
): ServiceManager {
  const path = environment.NOTIFY_SOCKET;
  const tell = path === undefined || !/^[/@]./.test(path) ? () => {} : (text: string) => send(path, text);
  return {
    signEveryMs: signEveryMs(environment, processId),
    ready: () => tell("READY=1"),
    status: (text) => tell(`STATUS=${text.replace(/[\n\r]/g, " ").slice(0, STATUS_CHARACTERS_MAX)}`),
    // CLOCK_MONOTONIC, which Node's high-resolution clock is.
    reloading: () => tell(`RELOADING=1\nMONOTONIC_USEC=${process.hrtime.bigint() / 1000n}`),
    alive: () => tell("WATCHDOG=1"),
    stopping: () => tell("STOPPING=1"),
  };
}

function signEveryMs(environment: Readonly<Record<string, string | undefined>>, processId: number): number | undefined {
  const { WATCHDOG_USEC: microseconds = "", WATCHDOG_PID: forProcess } = environment;
  if (!/^\d{1,15}$/.test(microseconds) || Number(microseconds) === 0) return undefined;
  if (forProcess !== undefined && forProcess !== String(processId)) return undefined;
  return Math.max(1, Number(microseconds) / 2000);
}

/** A manager that does not listen is no reason to end. */
function send(path: string, text: string): void {
  const calls = libc();
  const name = Buffer.from(path);
  if (name.length >= PATH_BYTES_MAX) return;
  const isAbstract = path.startsWith("@");
  if (isAbstract) name[0] = 0;
  const address = new Uint8Array(2 + name.length + (isAbstract ? 0 : 1)); // struct sockaddr_un; a path ends with a zero
  new DataView(address.buffer).setUint16(0, AF_UNIX, true);
  address.set(name, 2);
  const bytes = Buffer.from(text);
  let fd = -1;
  try {
    fd = checked("socket(AF_UNIX)", calls.socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    checked("sendto", calls.sendto(fd, bytes, bytes.length, MSG_DONTWAIT, address, address.length), path);
  } catch (error) {
    if (!(error instanceof SystemCallError)) throw error;
  } finally {
    if (fd >= 0) calls.close(fd);
  }
}
