// Other network namespaces than the process's own: work inside one, and those that have a name (network_namespaces(7),
// setns(2), proc_pid_mountinfo(5)).

import { closeSync, constants, fstatSync, openSync, readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import path from "node:path";
import { InternalError, PrivilegeError, SystemCallError } from "../model/errors.js";
import { EACCES, EINVAL, ENOENT, EPERM, errnoName, errnoOfCode } from "./errno.js";
import { libc } from "./libc.js";

const CLONE_NEWNET = 0x4000_0000;
/** Of the calling thread: /proc/self is that of the main thread. */
const OWN_PATH = "/proc/thread-self/ns/net";
/** A path that is no namespace may be anything: nothing waits for the other end of a pipe. */
const OPEN_FLAGS = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY;
/** Where iproute2 (ip-netns(8)) and Docker keep the namespaces that they have made. */
const NAME_FOLDERS: readonly string[] = ["/run/netns", "/run/docker/netns"];
const NAMESPACE_TEXT = /^net:\[(\d{1,15})\]$/;
const OWN_HINT = "run as root: a network namespace of its own needs CAP_SYS_ADMIN";
const HINT = "run as root: entering a network namespace needs CAP_SYS_ADMIN where it, and where this process, belongs";

/** A network namespace, and a file that leads into it. */
export interface NetworkNamespace {
  /** Its number, as in "net:[4026531840]". */
  readonly inode: number;
  readonly path: string;
}

/** One that has a name. */
export interface NamedNamespace extends NetworkNamespace {
  /** The last part of the path: for Docker a short id, for iproute2 what the administrator wrote. */
  readonly name: string;
}

/**
 * Runs `work` with the calling thread inside another network namespace, and comes back whatever `work` does. Sockets that
 * it opens stay in that namespace, and may be used afterwards.
 *
 * `work` must be done when it returns: what goes on later, or on other threads (promises, callbacks, Node's own pool),
 * is outside again. Inside, /proc/thread-self/net is the namespace's; /proc/net is that of the main thread.
 *
 * @throws PrivilegeError when this process may not enter, or could not come back: then it does not go either
 * @throws SystemCallError when there is no such namespace any more, or the path leads into another one by now
 * @throws InternalError when the way back fails, though it was tried before: nothing more may be done on this thread
 */
export function inNetworkNamespace<Result>(namespace: NetworkNamespace, work: () => Result): Result {
  const own = openNamespace(OWN_PATH);
  try {
    const other = openChecked(namespace);
    try {
      // This changes nothing, and tells whether the way back is open: in a user namespace it may not be.
      if (libc().setns(own, CLONE_NEWNET) !== 0) throw refused(namespace.path);
      enter(other, namespace.path);
    } finally {
      closeSync(other);
    }
    return runAndReturn(own, work);
  } finally {
    closeSync(own);
  }
}

/** A network namespace without a name: it ends with this, or with the process, and all that is in it. */
export interface OwnedNamespace extends NetworkNamespace {
  readonly fd: number;
  close(): void;
}

/**
 * Makes a network namespace. Nothing is in it but a loopback interface that is down.
 *
 * @throws PrivilegeError when this process may not
 * @throws InternalError when the way back fails, though it was tried before
 */
export function makeNetworkNamespace(): OwnedNamespace {
  const own = openNamespace(OWN_PATH);
  try {
    const isAllowed = libc().setns(own, CLONE_NEWNET) === 0 && libc().unshare(CLONE_NEWNET) === 0;
    if (!isAllowed) {
      const errno = libc().errno();
      if (errno !== EPERM) throw failed("unshare", "the network namespace", errno, undefined);
      throw new PrivilegeError("a network namespace may not be made", { hint: OWN_HINT });
    }
    const fd = runAndReturn(own, () => openNamespace(OWN_PATH));
    return { fd, inode: fstatSync(fd).ino, path: `/proc/self/fd/${fd}`, close: () => closeSync(fd) };
  } finally {
    closeSync(own);
  }
}

/**
 * Takes the calling thread into another network namespace for good. For a thread that does one work and ends: threads that
 * it starts from then on are in there, too, and those of Node's own pool must not be among them.
 *
 * @throws PrivilegeError when this process may not enter
 * @throws SystemCallError when there is no such namespace any more, or the path leads into another one by now
 */
export function stayInNetworkNamespace(namespace: NetworkNamespace): void {
  const other = openChecked(namespace);
  try {
    enter(other, namespace.path);
  } finally {
    closeSync(other);
  }
}

function openChecked(namespace: NetworkNamespace): number {
  const fd = openNamespace(namespace.path);
  if (fstatSync(fd).ino === namespace.inode) return fd;
  closeSync(fd);
  throw failed("open", namespace.path, ENOENT, "it has gone, and another one has its name");
}

function runAndReturn<Result>(own: number, work: () => Result): Result {
  let result: Result;
  try {
    result = work();
  } catch (error) {
    comeBack(own, error);
    throw error;
  }
  comeBack(own, undefined);
  if (result instanceof Promise) throw new InternalError("work in another network namespace cannot be asynchronous");
  return result;
}

function comeBack(own: number, cause: unknown): void {
  if (libc().setns(own, CLONE_NEWNET) === 0) return;
  const why = errnoName(libc().errno());
  throw new InternalError(`this thread is caught in another network namespace: setns failed: ${why}`, { cause });
}

function enter(fd: number, object: string): void {
  if (libc().setns(fd, CLONE_NEWNET) === 0) return;
  const errno = libc().errno();
  if (errno === EPERM) throw refused(object);
  throw failed("setns", object, errno, errno === EINVAL ? "this is no network namespace" : undefined);
}

function openNamespace(file: string): number {
  try {
    return openSync(file, OPEN_FLAGS);
  } catch (error) {
    const errno = errnoOfCode((error as NodeJS.ErrnoException).code);
    if (errno === EPERM || errno === EACCES) throw refused(file, error);
    throw failed("open", file, errno, undefined, error);
  }
}

function refused(object: string, cause?: unknown): PrivilegeError {
  return new PrivilegeError(`the network namespace ${object} may not be entered`, { hint: HINT, cause });
}

function failed(
  call: string,
  object: string,
  errno: number,
  hint: string | undefined,
  cause?: unknown,
): SystemCallError {
  return new SystemCallError(call, errno, errnoName(errno), { object, cause, ...(hint === undefined ? {} : { hint }) });
}

/**
 * The number of the network namespace to which a file leads: a link as in /proc/PID/ns, or a mount as iproute2 makes it.
 * Undefined when the file is none, is not there, or may not be looked at.
 */
export function namespaceId(file: string): number | undefined {
  return ignoringFaults(() => idInLink(file) ?? idOfMount(file));
}

function idInLink(file: string): number | undefined {
  const text = ignoringFaults(() => readlinkSync(file)); // most files are no links
  const id = NAMESPACE_TEXT.exec(text ?? "")?.[1];
  return id === undefined ? undefined : Number(id);
}

/** All namespaces are files of one file system, and no other file is. */
function idOfMount(file: string): number | undefined {
  const { ino, dev } = statSync(file);
  return dev === statSync(OWN_PATH).dev ? ino : undefined;
}

/** What was asked of a file, or undefined: it may be gone by now, or not ours to see. */
function ignoringFaults<Value>(ask: () => Value): Value | undefined {
  try {
    return ask();
  } catch (error) {
    if (error instanceof Error && "code" in error) return undefined;
    throw error;
  }
}

/** Where named namespaces are looked for; the defaults are this machine's. */
export interface NamePlaces {
  readonly procRoot?: string;
  readonly folders?: readonly string[];
  /** What is asked whether a path still leads where the list of mounts says. */
  readonly idOf?: (file: string) => number | undefined;
}

/**
 * The network namespaces that have a name, by path: of iproute2, of Docker, and wherever else one is mounted. One
 * namespace may have several names. What only processes hold has none, and is not here.
 */
export function listNamedNamespaces(places: NamePlaces = {}): readonly NamedNamespace[] {
  const { procRoot = "/proc", folders = NAME_FOLDERS, idOf = namespaceId } = places;
  const found = new Map<string, NamedNamespace>();
  const candidates = [
    ...mountedNamespaces(ignoringFaults(() => readFileSync(`${procRoot}/thread-self/mountinfo`, "utf8")) ?? ""),
    ...folders.flatMap((folder) =>
      (ignoringFaults(() => readdirSync(folder)) ?? []).map((name) => `${folder}/${name}`),
    ),
  ];
  for (const candidate of candidates) {
    const inode = found.has(candidate) ? undefined : idOf(candidate);
    if (inode !== undefined) found.set(candidate, { inode, path: candidate, name: path.basename(candidate) });
  }
  return [...found.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

/**
 * The places where network namespaces are mounted, from the text of mountinfo: "36 35 0:4 ROOT PLACE OPTIONS
 * [MORE…] - TYPE SOURCE OPTIONS". Something else may be mounted over one of them.
 */
export function mountedNamespaces(mountinfo: string): readonly string[] {
  return mountinfo.split("\n").flatMap((line) => {
    const fields = line.split(" ");
    const [, , , root = "", place = ""] = fields;
    const isNamespace = NAMESPACE_TEXT.test(root) && fields[fields.indexOf("-", 6) + 1] === "nsfs";
    return isNamespace ? [unescaped(place)] : [];
  });
}

/** The kernel writes blanks, tabs, newlines, "#" and backslashes in octal (mangle(), fs/proc_namespace.c). */
function unescaped(text: string): string {
  return text.replace(/\\([0-3][0-7]{2})/g, (_whole, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}
