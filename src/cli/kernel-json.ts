// The kernel's network settings as one JSON document. docs/commands/kernel.md describes its keys.
import type { KernelView, SettingReport } from "../inside/read-kernel-settings.js";
import { COMBINATIONS } from "../inside/setting-combination.js";
import { jsonText } from "../report/json-text.js";
import { countSettings } from "./kernel-counts.js";

/** One line a setting, so that it can be read and compared; with a line feed at the end. */
export function kernelJson(view: KernelView, procRoot: string): string {
  const { release = null, interfaces } = view;
  const head = {
    format: "postern-kernel",
    formatVersion: 1,
    procRoot,
    release,
    interfaces,
    counts: countSettings(view),
  };
  const settings = view.reports.map((report) => jsonText(settingOf(report)));
  return `${jsonText(head).slice(0, -1)},"settings":[\n${settings.join(",\n")}\n]}\n`;
}

function settingOf(report: SettingReport) {
  const { setting, name, interfaceName = null } = report;
  const { path, careful, why, source, combination, needs } = setting;
  return {
    name,
    path,
    interface: interfaceName,
    ...stateOf(report),
    careful: careful.words,
    why,
    source,
    combination: combination === undefined ? null : COMBINATIONS[combination].words,
    needs: needs?.words ?? null,
  };
}

function stateOf(report: SettingReport) {
  const nothing = {
    state: report.state,
    value: null,
    own: null,
    all: null,
    verdict: null,
    isInEffect: null,
    changes: [],
    fault: null,
  };
  switch (report.state) {
    case "judged": {
      const { value, parts, verdict, isInEffect, changes } = report;
      return { ...nothing, value, ...parts, verdict, isInEffect, changes };
    }
    case "absent":
      return nothing;
    case "unreadable":
      return { ...nothing, fault: report.code };
    case "unknown":
      return { ...nothing, value: report.text };
  }
}
