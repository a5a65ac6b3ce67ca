import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { helpText } from "./help.js";
import { optionsMarkdown } from "./options-markdown.js";
import { SCAN_OPTIONS } from "./scan-options.js";

const PAGE = new URL("../../docs/options.md", import.meta.url);

describe("helpText", () => {
  it("names every option", () => {
    const text = helpText(80);
    for (const name of SCAN_OPTIONS.flatMap((option) => option.names)) {
      expect(text).toMatch(new RegExp(`^  (?:\\S+, )*${name}(?=[ ,[]|$)`, "m"));
    }
  });

  it.each([40, 60, 80, 100])("keeps within %i columns", (columns) => {
    expect(
      helpText(columns)
        .split("\n")
        .filter((line) => line.length > columns),
    ).toEqual([]);
  });

  it("bears any width", () => {
    expect(helpText(0)).toBe(helpText(40));
    expect(helpText(500)).toBe(helpText(100));
  });

  it("puts the meaning beside the option, and below it on a narrow terminal", () => {
    expect(helpText(80)).toMatch(/^Output:\n {2}-v, --verbose {16}tell more: /m);
    expect(helpText(80)).toMatch(/^ {2}--link IFACE {17}add the IPv6 hosts.*an\n {31}interface/m);
    expect(helpText(80)).toMatch(/^ {2}-PA\[PORTS\], -PT\[PORTS\] {7}ask by TCP ACK/m);
    expect(helpText(40)).toMatch(/^ {2}-v, --verbose\n {6}tell more: /m);
  });
});

describe("optionsMarkdown", () => {
  it("names every option", () => {
    const text = optionsMarkdown();
    for (const name of SCAN_OPTIONS.flatMap((option) => option.names)) {
      expect(text).toMatch(new RegExp(`\`${name}[\` []`));
    }
  });

  it.skipIf(!existsSync(PAGE))("is what docs/options.md holds", () => {
    expect(readFileSync(PAGE, "utf8")).toBe(optionsMarkdown());
  });
});
