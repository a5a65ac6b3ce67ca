// The command line of `postern diff`.
import { describe, expect, test } from "vitest";
import { diffHelp, parseDiffArguments } from "./diff-options.js";

describe("parseDiffArguments", () => {
  test("two reports", () => {
    const { writer, ...settings } = parseDiffArguments(["a.xml", "-"]);
    expect(writer.name).toBe("text");
    expect(settings).toEqual({ a: "a.xml", b: "-", by: "address", onlyOpen: false, isVerbose: false, isHelp: false });
  });

  test("options before and behind", () => {
    const { writer, ...settings } = parseDiffArguments(["--xml", "a", "b", "-v", "--by=mac", "--open"]);
    expect(writer.name).toBe("xml");
    expect(settings).toEqual({ a: "a", b: "b", by: "mac", onlyOpen: true, isVerbose: true, isHelp: false });
  });

  test.each([
    [["a"], "postern diff compares two reports, and was given 1"],
    [["a", "b", "c"], "postern diff compares two reports, and was given 3"],
    [["-", "-"], "only one of the two reports can come from standard input"],
    [["a", "b", "--by", "ip"], '--by takes one of address, mac, name, not "ip"'],
    [["a", "b", "--jsn"], "unknown option --jsn; did you mean --json?"],
  ])("%j is an error", (words, message) => {
    expect(() => parseDiffArguments(words)).toThrow(
      expect.objectContaining({ code: "usage", message, hint: "postern diff --help lists the options" }),
    );
  });

  test("help needs no reports, and fits the terminal", () => {
    expect(parseDiffArguments(["-h"]).isHelp).toBe(true);
    const lines = diffHelp(60).split("\n");
    expect(lines.filter((line) => line.length > 60)).toEqual([]);
    for (const option of ["--text", "--xml", "--json", "--open", "--by WHAT", "-v, --verbose"]) {
      expect(diffHelp(80)).toContain(`  ${option}`);
    }
  });
});
