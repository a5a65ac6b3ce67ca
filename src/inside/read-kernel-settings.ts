// Reads the kernel's network settings and judges them. /proc/sys/net shows the network namespace of whoever reads it.
import { errnoName, errnoOfCode } from "../linux/errno.js";
import { SystemCallError, UsageError } from "../model/errors.js";
import { quote } from "../target/fault.js";
import type { CarefulValue, SettingValue } from "./careful-value.js";
import {
  INTERFACE_PLACE,
  type KernelSetting,
  pathOf,
  type SettingScene,
  type SettingVerdict,
  sysctlName,
} from "./kernel-setting.js";
import { KERNEL_SETTINGS } from "./kernel-settings/list.js";
import { COMBINATIONS } from "./setting-combination.js";
import { type SettingFile, SettingTree } from "./setting-tree.js";

/** The interface in whose place stand the values of interfaces that come later. */
export const LATER_INTERFACES = "default";
/** Nothing from outside comes in by it. */
export const LOOPBACK = "lo";
const ALL_INTERFACES = "all";
const IPV6_INTERFACES = `net/ipv6/conf/${INTERFACE_PLACE}/`;
const IPV6_SWITCH = `${IPV6_INTERFACES}disable_ipv6`;

/** What is known of a setting, of one interface where it is one of interfaces. */
export type SettingReport = {
  readonly setting: KernelSetting;
  /** As sysctl(8) names it; {@link INTERFACE_PLACE} stands in it where no interface could be looked at. */
  readonly name: string;
  /** Undefined where the setting is not one of interfaces, or none could be looked at. */
  readonly interfaceName: string | undefined;
} & (
  | JudgedSetting
  | { readonly state: "absent" }
  /** `code` is a symbolic errno: "EACCES". */
  | { readonly state: "unreadable"; readonly code: string }
  /** It holds what no kernel that we know of writes. */
  | { readonly state: "unknown"; readonly text: string }
);

/** A setting whose value is known. */
export interface JudgedSetting {
  readonly state: "judged";
  /** What counts, after the interface's own value and that of all have been combined. */
  readonly value: string;
  /** Both of them, where both have a say. */
  readonly parts: { readonly own: string; readonly all: string } | undefined;
  readonly verdict: SettingVerdict;
  /** False where something else makes it void; it is careful then. */
  readonly isInEffect: boolean;
  /** What to set for a careful value: names and values as in sysctl.d(5). Empty where it is careful, or nothing is right for all. */
  readonly changes: readonly string[];
}

/** All settings of one namespace. */
export interface KernelView {
  /** Kernel release; undefined where it cannot be read. */
  readonly release: string | undefined;
  /** Interfaces of the namespace, without loopback. */
  readonly interfaces: readonly string[];
  /** In the order of the table, and of the interfaces' names. */
  readonly reports: readonly SettingReport[];
}

/**
 * Reads and judges all settings.
 *
 * @param only The interface to look at; undefined for all but loopback, and for those to come
 * @throws SystemCallError when there is no sys/net to be read
 * @throws UsageError when there is no such interface
 */
export function readKernelSettings(procRoot: string = "/proc", only?: string): KernelView {
  const tree = new SettingTree(`${procRoot}/sys`);
  const top = tree.list("net");
  if ("kind" in top) throw cannotRead(`${procRoot}/sys/net`, top);
  const found = [...new Set(["ipv4", "ipv6", "mpls"].flatMap((family) => interfacesIn(tree, `net/${family}/conf`)))];
  const interfaces = found.filter((name) => name !== LOOPBACK).sort();
  if (only !== undefined && !found.includes(only) && only !== LATER_INTERFACES) throw noInterface(only, interfaces);
  const judge = new SettingJudge(tree, interfaces.length);
  const names = only === undefined ? [...interfaces, LATER_INTERFACES] : [only];
  const release = tree.read("kernel/osrelease");
  return {
    release: release.kind === "value" ? release.value.text : undefined,
    interfaces,
    reports: KERNEL_SETTINGS.flatMap((setting) => {
      return setting.combination === undefined ? [judge.judgeOne(setting)] : judge.judgeEach(setting, names);
    }),
  };
}

function interfacesIn(tree: SettingTree, folder: string): readonly string[] {
  const names = tree.list(folder);
  return "kind" in names ? [] : names.filter((name) => name !== ALL_INTERFACES && name !== LATER_INTERFACES);
}

function cannotRead(folder: string, fault: Exclude<SettingFile, { kind: "value" }>): SystemCallError {
  const errno = errnoOfCode(fault.kind === "absent" ? "ENOENT" : fault.code);
  const hint = "the settings are those of a Linux kernel with /proc mounted; --proc DIR reads a copy of it";
  return new SystemCallError("readdir", errno, errnoName(errno), { object: quote(folder), hint });
}

function noInterface(name: string, interfaces: readonly string[]): UsageError {
  const known = interfaces.length === 0 ? "none but loopback" : interfaces.slice(0, 20).map(quote).join(", ");
  return new UsageError(`no interface ${quote(name)} in this network namespace`, { hint: `there is ${known}` });
}

/** Settings by their folder and last name, for those that others depend on. */
const SETTING_BY_PATH: ReadonlyMap<string, KernelSetting> = new Map(KERNEL_SETTINGS.map((row) => [row.path, row]));

/** What of one setting's value is known: what counts, and what it is made of. */
type Effective =
  | { readonly state: "value"; readonly value: SettingValue; readonly parts: JudgedSetting["parts"] }
  | { readonly state: "absent" }
  | { readonly state: "unreadable"; readonly code: string }
  | { readonly state: "unknown"; readonly text: string };

/** Judges the settings of one namespace. */
class SettingJudge {
  readonly #tree: SettingTree;
  readonly #interfaceCount: number;

  constructor(tree: SettingTree, interfaceCount: number) {
    this.#tree = tree;
    this.#interfaceCount = interfaceCount;
  }

  /** A setting that has one value. */
  judgeOne(setting: KernelSetting): SettingReport {
    const { path } = setting;
    const name = sysctlName(path);
    const report = { setting, name, interfaceName: undefined };
    const file = this.#tree.read(path);
    if (file.kind !== "value") return { ...report, ...withoutValue(file) };
    const { value } = file;
    if (!isUnderstood(setting.careful, value)) return { ...report, state: "unknown", text: value.text };
    const scene = this.#scene(undefined, "");
    const changes = changesOf(setting.careful, (set) => [`${name}=${set}`]);
    return { ...report, ...judged(setting, value, undefined, scene, changes) };
  }

  /** A setting of interfaces: a report for each that has it, or one that says why there is none. */
  judgeEach(setting: KernelSetting, names: readonly string[]): readonly SettingReport[] {
    const folder = this.#tree.list(folderOf(setting));
    const nowhere = { setting, name: sysctlName(setting.path), interfaceName: undefined };
    if ("kind" in folder) return [{ ...nowhere, ...withoutValue(folder) }];
    const reports = names.map((name) => this.#judgeHere(setting, name)).filter(({ state }) => state !== "absent");
    return reports.length === 0 ? [{ ...nowhere, state: "absent" }] : reports;
  }

  #judgeHere(setting: KernelSetting, interfaceName: string): SettingReport {
    const report = { setting, name: sysctlName(pathOf(setting, interfaceName)), interfaceName };
    const effective = this.#effective(setting, interfaceName);
    if (effective.state !== "value") return { ...report, ...effective };
    const { value, parts } = effective;
    if (!isUnderstood(setting.careful, value)) return { ...report, state: "unknown", text: value.text };
    const scene = this.#scene(interfaceName, folderOf(setting));
    const changes = changesOf(setting.careful, (set) => this.#changesHere(setting, interfaceName, set, scene));
    return { ...report, ...judged(setting, value, parts, scene, changes) };
  }

  /** The fewest of conf/all and conf/IFACE that make the value careful; conf/all first, since it counts for all. */
  #changesHere(setting: KernelSetting, interfaceName: string, set: string, scene: SettingScene): readonly string[] {
    const paths = { all: pathOf(setting, ALL_INTERFACES), own: pathOf(setting, interfaceName) };
    const isByAll = setting.combination !== undefined && COMBINATIONS[setting.combination].isByAll;
    const tries = isByAll ? [[paths.all], [paths.own], [paths.all, paths.own]] : [[paths.own]];
    const changed = tries.find((try_) => {
      const effective = this.#effective(setting, interfaceName, new Map(try_.map((path) => [path, Number(set)])));
      return effective.state === "value" && setting.careful.holds(effective.value, scene);
    });
    return (changed ?? []).map((path) => `${sysctlName(path)}=${set}`);
  }

  /** What counts for an interface, if some settings had other values. */
  #effective(
    setting: KernelSetting,
    interfaceName: string,
    changes: ReadonlyMap<string, number> = new Map(),
  ): Effective {
    const own = this.#tree.read(pathOf(setting, interfaceName));
    if (own.kind !== "value") return withoutValue(own);
    const { combine, isByAll } = COMBINATIONS[setting.combination ?? "own"];
    const all = isByAll ? this.#tree.read(pathOf(setting, ALL_INTERFACES)) : own;
    if (all.kind !== "value") return withoutValue(all);
    const ownNumber = changes.get(pathOf(setting, interfaceName)) ?? singleNumber(own.value);
    const allNumber = changes.get(pathOf(setting, ALL_INTERFACES)) ?? singleNumber(all.value);
    if (ownNumber === undefined) return { state: "unknown", text: own.value.text };
    if (allNumber === undefined) return { state: "unknown", text: all.value.text };
    const forwarding = this.#tree.numberAt(`${folderOf(setting)}/${interfaceName}/forwarding`);
    const number = combine(ownNumber, allNumber, (forwarding ?? 0) !== 0); // hosts take more than routers do
    const parts = isByAll ? { own: own.value.text, all: all.value.text } : undefined;
    return { state: "value", value: { text: String(number), numbers: [number] }, parts };
  }

  #scene(interfaceName: string | undefined, folder: string): SettingScene {
    return {
      interfaceCount: this.#interfaceCount,
      numberAt: (path) => this.#tree.numberAt(path),
      numberHere: (leaf) => {
        const setting = SETTING_BY_PATH.get(`${folder}/${INTERFACE_PLACE}/${leaf}`);
        if (setting === undefined || interfaceName === undefined) return undefined;
        const effective = this.#effective(setting, interfaceName);
        return effective.state === "value" ? effective.value.numbers?.[0] : undefined;
      },
      ownNumberHere: (leaf) => this.#tree.numberAt(`${folder}/${interfaceName}/${leaf}`),
    };
  }
}

/** "net/ipv4/conf" of "net/ipv4/conf/IFACE/rp_filter". */
function folderOf({ path }: KernelSetting): string {
  return path.slice(0, path.indexOf(`/${INTERFACE_PLACE}/`));
}

function withoutValue(file: Exclude<SettingFile, { kind: "value" }>) {
  return file.kind === "absent" ? ({ state: "absent" } as const) : ({ state: "unreadable", code: file.code } as const);
}

function isUnderstood({ isText }: CarefulValue, { text, numbers }: SettingValue): boolean {
  return isText ? text !== "" : numbers !== undefined;
}

function singleNumber({ numbers }: SettingValue): number | undefined {
  return numbers?.length === 1 ? numbers[0] : undefined;
}

function changesOf({ set }: CarefulValue, change: (set: string) => readonly string[]): () => readonly string[] {
  return () => (set === undefined ? [] : change(set));
}

function judged(
  setting: KernelSetting,
  value: SettingValue,
  parts: JudgedSetting["parts"],
  scene: SettingScene,
  changes: () => readonly string[],
): JudgedSetting {
  const isInEffect = !isSwitchedOff(setting, scene) && (setting.needs?.holds(scene) ?? true);
  const verdict = isInEffect ? verdictOf(setting, value, scene) : "careful";
  const found = verdict === "careful" ? [] : changes();
  return { state: "judged", value: value.text, parts, verdict, isInEffect, changes: found };
}

/** Where an interface has no IPv6, its settings decide nothing. */
function isSwitchedOff({ path }: KernelSetting, { numberHere }: SettingScene): boolean {
  return path.startsWith(IPV6_INTERFACES) && path !== IPV6_SWITCH && numberHere("disable_ipv6") === 1;
}

function verdictOf(setting: KernelSetting, value: SettingValue, scene: SettingScene): SettingVerdict {
  if (setting.careful.holds(value, scene)) return "careful";
  return setting.tolerable?.holds(value, scene) === true ? "depends" : setting.otherwise;
}
