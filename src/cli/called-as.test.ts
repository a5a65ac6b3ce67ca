import { describe, expect, it } from "vitest";
import { calledAs, versionText } from "./called-as.js";

describe("the name that the program is called by", () => {
  it.each([
    ["/usr/bin/postern", ["-v"], "postern", ["-v"]],
    ["/usr/local/bin/nmap", ["-v"], "nmap", ["-v"]],
    ["nmap", [], "nmap", []],
    ["/usr/bin/postern", ["--as", "nmap", "-v"], "nmap", ["-v"]],
    ["/usr/bin/postern", ["--as=nmap", "-v"], "nmap", ["-v"]],
    ["/opt/nmap/postern", ["nmap"], "postern", ["nmap"]],
    ["", [], "postern", []],
  ] as const)("%s %j is %s", (path, words, program, rest) => {
    expect(calledAs(path, words)).toEqual({ program, words: rest });
  });

  it("is refused when it is none that is known", () => {
    expect(() => calledAs("postern", ["--as", "masscan"])).toThrow('--as knows nmap, but was given "masscan"');
    expect(() => calledAs("postern", ["--as"])).toThrow("--as knows nmap");
  });
});

describe("-V", () => {
  it("begins as python-nmap and OCS Inventory read it, and says who we are", () => {
    const [first, second] = versionText().split("\n");
    expect(first).toMatch(/^Nmap version [0-9]*\.[0-9]*[^ ]* \( http(|s):\/\/.* \)$/);
    expect(second).toMatch(/^postern \d+\.\d+\.\d+/);
  });
});
