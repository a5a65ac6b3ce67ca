import { describe, expect, it } from "vitest";
import { helpText } from "./help.js";

describe("helpText", () => {
  it.each([40, 60, 80, 100])("keeps within %i columns", (columns) => {
    expect(
      helpText(columns)
        .split("\n")
        .filter((line) => line.length > columns),
    ).toEqual([]);
  });

  it("names commands, and what does not work", () => {
    const text = helpText(80, [{ name: "walk", summary: "walk about" }]);
    expect(text).toContain("Commands:\n  postern walk  walk about\n");
    expect(text).toMatch(/accepted, and have no effect here:\n {2}--unique /);
    expect(text).toMatch(/refused, each with a line.*\n {2}-iR -sI /);
    expect(text).not.toMatch(/^ {2}-sV /m);
  });

  it("bears any width", () => {
    expect(helpText(0)).toBe(helpText(40));
    expect(helpText(500)).toBe(helpText(100));
  });

  it("puts the meaning beside the option, and below it on a narrow terminal", () => {
    expect(helpText(80)).toMatch(/^Output:\n {2}-v\[N\], --verbose {13}tell more: /m);
    expect(helpText(80)).toMatch(/^ {2}--link IFACE {17}add the IPv6 hosts.*an\n {31}interface/m);
    expect(helpText(80)).toMatch(/^ {2}-PA\[PORTS\] {19}ask by TCP ACK/m);
    expect(helpText(40)).toMatch(/^ {2}-v\[N\], --verbose\n {6}tell more: /m);
  });
});
