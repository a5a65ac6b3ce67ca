// How many of the kernel's network settings are what.
import type { SettingVerdict } from "../inside/kernel-setting.js";
import type { KernelView, SettingReport } from "../inside/read-kernel-settings.js";

/** What a setting counts as. */
export type SettingClass = SettingVerdict | "unread" | "absent";

/** Where one report belongs; what cannot be read or understood is unread. */
export function classOf(report: SettingReport): SettingClass {
  if (report.state === "judged") return report.verdict;
  return report.state === "absent" ? "absent" : "unread";
}

/** What is worst of a setting of several interfaces counts first. */
const ORDER: readonly SettingClass[] = ["loose", "depends", "unread", "careful", "absent"];

/** Settings, not interfaces: each counts once, as what is worst of it. */
export function countSettings({ reports }: KernelView): Readonly<Record<SettingClass, number>> {
  const worst = new Map<string, SettingClass>();
  for (const report of reports) {
    const { path } = report.setting;
    const rank = Math.min(ORDER.indexOf(classOf(report)), ORDER.indexOf(worst.get(path) ?? "absent"));
    worst.set(path, ORDER[rank] ?? "absent");
  }
  const counts = { loose: 0, depends: 0, unread: 0, careful: 0, absent: 0 };
  for (const kind of worst.values()) counts[kind] += 1;
  return counts;
}
