import { describe, expect, it } from "vitest";
import { reportFileName } from "./report-file-name.js";

const WHEN = new Date(2007, 11, 3, 14, 48, 4);

describe("reportFileName", () => {
  it.each([
    ["scan.xml", "scan.xml"],
    ["scan-%T-%D.xml", "scan-144804-120307.xml"],
    ["%Y-%m-%d", "2007-12-03"],
    ["%y %H:%M:%S %R", "07 14:48:04 1448"],
    ["100%%", "100%"],
    ["%%T", "%T"],
    ["%q", "q"],
    ["%", "%"],
    ["%ä%😀", "ä😀"],
  ])("%j is %j", (pattern, name) => {
    expect(reportFileName(pattern, WHEN)).toBe(name);
  });
});
