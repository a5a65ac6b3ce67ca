// The text of docs/commands/kernel-settings.md, made from the table of settings; a test compares the two.
import { type KernelSetting, sysctlName } from "../inside/kernel-setting.js";
import { KERNEL_SETTING_GROUPS } from "../inside/kernel-settings/list.js";
import { COMBINATIONS } from "../inside/setting-combination.js";

/** The page about what `postern kernel` looks at, with a line feed at its end. */
export function kernelSettingsMarkdown(): string {
  const lines = [
    "# The settings of `postern kernel`",
    "",
    "<!-- Made from the tables in src/inside/kernel-settings/ by scripts/make-docs.ts: change them there. -->",
    "",
    "What [`postern kernel`](kernel.md) looks at, as of Linux 6.18. *Otherwise* is what a value is called that is neither",
    "careful nor among those that depend. Where a setting has no effect unless something else is so, the page says it with",
    "*unless*: without that it is careful, whatever it is.",
    "",
    "## What counts for an interface",
    "",
    "A setting of interfaces stands in `conf/IFACE` for each of them, and in `conf/all`. What the kernel makes of the two is",
    "not the same for all settings:",
    "",
    "| rule | what counts |",
    "|---|---|",
    ...Object.entries(COMBINATIONS).map(([name, { words }]) => `| ${name} | ${words} |`),
  ];
  for (const { title, settings } of KERNEL_SETTING_GROUPS) {
    lines.push("", `## ${title}`, "", "| setting | rule | careful | depends | otherwise | why | source |");
    lines.push("|---|---|---|---|---|---|---|", ...settings.map(row));
  }
  return `${lines.join("\n")}\n`;
}

function row(setting: KernelSetting): string {
  const { path, combination = "", careful, tolerable, otherwise, needs, why, source } = setting;
  const reason = needs === undefined ? why : `${why} *No effect unless ${needs.words}.*`;
  const isAny = careful.isText && careful.set === undefined;
  const cells = [
    `\`${sysctlName(path)}\``,
    combination,
    isAny ? `any: ${careful.words}` : careful.words,
    tolerable?.words ?? "",
    isAny ? "" : otherwise,
    reason,
    source,
  ];
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}
