// What a process's control group says of it: its systemd unit, and its container. Text of /proc/PID/cgroup (cgroups(7)).
// Names of units: systemd.unit(5), systemd.special(7), systemd's "Control Group APIs"; of containers: container-cgroup.ts.
import { type Container, containersIn } from "./container-cgroup.js";
import { unescapedUnit } from "./unit-name.js";

/** A unit of systemd that a process runs in. */
export interface SystemdUnit {
  /** As systemctl takes it, with its escapes: "snap.firefox.firefox\x2d4f1.scope". */
  readonly name: string;
  /** For people: `\x2d` and the like are decoded. Text from outside, like all names here. */
  readonly title: string;
  /** What its name ends in: "service", "scope", "socket" … */
  readonly kind: string;
}

/** What is known of where a process belongs. Every part may be missing: there are systems without systemd and containers. */
export interface ControlGroup {
  /** The path that told most; "/" where none says anything. */
  readonly path: string;
  /** The unit of the system's manager: "nginx.service", "user@1000.service", "session-3.scope". */
  readonly unit: SystemdUnit | undefined;
  /** The unit of a user's own manager, within `unit`: "app-firefox.service". */
  readonly userUnit: SystemdUnit | undefined;
  /** The slice nearest to the process: "system.slice", "app.slice". */
  readonly slice: string | undefined;
  /** Whose session or manager it runs in, where the path says so. */
  readonly sessionUid: number | undefined;
  /** What an application of a bundle runs as. */
  readonly bundle: { readonly kind: "snap" | "flatpak"; readonly name: string } | undefined;
  /** From the outermost to the innermost. This machine's runtimes know the first; others run inside of it. */
  readonly containers: readonly Container[];
  /** True when the group has been removed and the process is still there. */
  readonly isDeleted: boolean;
}

/** Unit types that have control groups; slices are told apart from units. */
const UNIT_NAME = /^[\w:.@\\-]+\.(service|scope|socket|mount|swap)$/;
const SLICE_NAME = /^[\w:.@\\-]+\.slice$/;
const USER_SLICE = /^user-(\d{1,10})\.slice$/;
const USER_MANAGER = /^user@(\d{1,10})\.service$/;
/** cgroup_show_path() appends it when the group has been removed. */
const DELETED = " (deleted)";
/** Deeper paths are no system's; what is beyond is not looked at. */
const SEGMENTS_MAX = 64;

/** Reads the whole text of /proc/PID/cgroup: version 1, version 2, or both. */
export function readControlGroup(text: string): ControlGroup {
  const groups = pathsOf(text).map(readPath);
  const best = groups.reduce<ControlGroup>(
    (found, group) => (weightOf(group) > weightOf(found) ? group : found),
    NOTHING,
  );
  const withContainers = groups.find(({ containers }) => containers.length > 0);
  return best.containers.length > 0 || withContainers === undefined
    ? best
    : { ...best, containers: withContainers.containers };
}

const NOTHING: ControlGroup = {
  path: "/",
  unit: undefined,
  userUnit: undefined,
  slice: undefined,
  sessionUid: undefined,
  bundle: undefined,
  containers: [],
  isDeleted: false,
};

/** The paths of all hierarchies: systemd's own first, then version 2, then the other ones of version 1. */
function pathsOf(text: string): readonly string[] {
  const ranked = text.split("\n").flatMap((line) => {
    const match = /^(\d+):([^:]*):(\/.*)$/.exec(line);
    if (match === null) return [];
    const [, , controllers = "", path = "/"] = match;
    const rank = controllers === "name=systemd" ? 0 : controllers === "" ? 1 : 2;
    return [{ rank, path }];
  });
  return [...new Set(ranked.sort((one, other) => one.rank - other.rank).map(({ path }) => path))];
}

/** A path that says more wins; the order of hierarchies decides between equals. */
function weightOf({ unit, containers, path }: ControlGroup): number {
  return (unit === undefined ? 0 : 4) + (containers.length > 0 ? 2 : 0) + (path === "/" ? 0 : 1);
}

function readPath(text: string): ControlGroup {
  const isDeleted = text.endsWith(DELETED);
  const path = isDeleted ? text.slice(0, -DELETED.length) : text;
  // "/.." leads out of the namespace of whoever reads it: what follows is still what it is.
  const segments = path
    .split("/", SEGMENTS_MAX)
    .filter((segment) => segment !== "" && segment !== "..")
    .map(unescapedSegment);
  return { path, isDeleted, containers: containersIn(segments), ...systemdOf(segments) };
}

/** systemd puts a "_" before names that the kernel would take for files of its own. */
function unescapedSegment(segment: string): string {
  return segment.startsWith("_") ? segment.slice(1) : segment;
}

function systemdOf(segments: readonly string[]) {
  const [unitAt, unit] = nextUnit(segments, 0);
  const isManager = unit !== undefined && USER_MANAGER.test(unit.name);
  const [userUnitAt, userUnit] = isManager ? nextUnit(segments, unitAt + 1) : [unitAt, undefined];
  const slices = segments
    .slice(0, userUnit === undefined ? segments.length : userUnitAt)
    .filter((one) => SLICE_NAME.test(one));
  return { unit, userUnit, slice: slices.at(-1), sessionUid: uidOf(segments), bundle: bundleOf(userUnit ?? unit) };
}

/** A unit stands behind slices and nothing else; what stands deeper was made by the unit itself. */
function nextUnit(segments: readonly string[], from: number): readonly [at: number, unit: SystemdUnit | undefined] {
  let at = from;
  while (at < segments.length && SLICE_NAME.test(segments[at] ?? "")) at += 1;
  const name = segments[at] ?? "";
  const kind = UNIT_NAME.exec(name)?.[1];
  return [at, kind === undefined ? undefined : { name, title: unescapedUnit(name), kind }];
}

function uidOf(segments: readonly string[]): number | undefined {
  const found = segments.map((segment) => USER_MANAGER.exec(segment)?.[1] ?? USER_SLICE.exec(segment)?.[1]);
  const text = found.find((uid) => uid !== undefined);
  return text === undefined ? undefined : Number(text);
}

/** snapd: snap.NAME.APP…; flatpak and desktops: app-flatpak-ID-NUMBER.scope (systemd's "Desktop Environments"). */
function bundleOf(unit: SystemdUnit | undefined): ControlGroup["bundle"] {
  const title = unit?.title ?? "";
  const snap = /^snap\.([a-z0-9-]+)[.]/.exec(title)?.[1];
  if (snap !== undefined) return { kind: "snap", name: snap };
  const flatpak = /^app-flatpak-(.+)-\d+\.scope$/.exec(title)?.[1];
  return flatpak === undefined ? undefined : { kind: "flatpak", name: flatpak };
}
