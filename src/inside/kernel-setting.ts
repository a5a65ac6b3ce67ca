// What a network setting of the kernel is: one row of a table, from which reading, judging, help and the page come.
import type { CarefulValue } from "./careful-value.js";
import type { CombinationName } from "./setting-combination.js";

/**
 * What a value is worth: `careful` gives an attacker nothing; `loose` gives him something that hardly any machine needs
 * to give; `depends` is right for some machines and not for others, and its row says for which.
 */
export type SettingVerdict = "careful" | "depends" | "loose";

/** Stands for an interface's name in a path. */
export const INTERFACE_PLACE = "IFACE";

/** What else is set where a value is judged. */
export interface SettingScene {
  /** Interfaces of this namespace, without loopback. */
  readonly interfaceCount: number;
  /** First number of a setting by its path; undefined where it cannot be read. */
  numberAt(path: string): number | undefined;
  /** What counts of another setting in the same folder of the same interface; undefined where it cannot be read. */
  numberHere(leaf: string): number | undefined;
  /** The same without what all interfaces have a say in: the interface's own. */
  ownNumberHere(leaf: string): number | undefined;
}

/** One setting. */
export interface KernelSetting {
  /** Below /proc/sys, with {@link INTERFACE_PLACE} for an interface's name: "net/ipv4/conf/IFACE/rp_filter". */
  readonly path: string;
  /** How the kernel makes one value of those of all interfaces and of one; of settings of interfaces only. */
  readonly combination?: CombinationName;
  readonly careful: CarefulValue;
  /** Values that some machines need; they depend. */
  readonly tolerable?: CarefulValue;
  /** What any other value is. */
  readonly otherwise: Exclude<SettingVerdict, "careful">;
  /** Where the setting has no effect at all, its value is careful. */
  readonly needs?: {
    /** What must be so, as a clause: "the interface forwards". */
    readonly words: string;
    holds(scene: SettingScene): boolean;
  };
  /** What an attacker gains by a value that is not careful, and who needs it all the same. */
  readonly why: string;
  /** The kernel's documentation or source. */
  readonly source: string;
}

/** Documentation of net.ipv4 and net.ipv6, and of bridges. */
export const IP_SYSCTL = "Documentation/networking/ip-sysctl.rst";
/** Documentation of net.netfilter.nf_conntrack. */
export const CONNTRACK_SYSCTL = "Documentation/networking/nf_conntrack-sysctl.rst";
/** Documentation of net.core. */
export const NET_SYSCTL = "Documentation/admin-guide/sysctl/net.rst";
/** Documentation of kernel. */
export const KERNEL_SYSCTL = "Documentation/admin-guide/sysctl/kernel.rst";

/** A path as sysctl(8) names it: with dots between the parts, and a slash for each dot in a part. */
export function sysctlName(path: string): string {
  return path.replace(/[./]/g, (mark) => (mark === "/" ? "." : "/"));
}

/** The path with the interface's name, or "all" or "default", in its place. */
export function pathOf({ path }: KernelSetting, interfaceName: string): string {
  return path.replace(`/${INTERFACE_PLACE}/`, () => `/${interfaceName}/`);
}
