import { describe, expect, it } from "vitest";
import { UsageError } from "../model/errors.js";
import { parseNmapArguments, UnknownOptionError } from "./as-nmap-options.js";

function parse(line: string, canSendRaw = true) {
  return parseNmapArguments(line.split(" "), canSendRaw);
}

describe("a command line in nmap's name", () => {
  it("takes what asks to be told more, without effect", () => {
    const given = parse("-sSV -O --script default,safe --script-args=a=b --version-intensity 5 -sC 10.0.0.1");
    expect(given.settings.techniques).toEqual(["tcp-syn"]);
    expect(given.settings.targetTexts).toEqual(["10.0.0.1"]);
    expect(given.unheeded).toEqual(["-sV", "-O", "--script", "--script-args", "--version-intensity", "-sC"]);
    expect(given.isOsAsked).toBe(true);
  });

  it("takes what python-nmap, node-nmap and Zenmap give unasked", () => {
    for (const line of ["-oX - h -p 22 -sV", "-oX - -sP h", "-oX - -O h", "-T4 -A -v h -oX /tmp/x.xml"]) {
      expect(parse(line).settings.targetTexts).toEqual(["h"]);
    }
  });

  it("traces for -A where nmap does", () => {
    expect(parse("-A h").settings.isTraced).toBe(true);
    expect(parse("-A h", false).settings.isTraced).toBe(false);
    expect(parse("-A -sL h").settings.isTraced).toBe(false);
    expect(parse("-sV h").settings.isTraced).toBe(false);
  });

  it("tells a word that is no option from a value that cannot be", () => {
    for (const line of ["--bogus h", "-p", "--max-r 3", "--open=3 h"]) {
      expect(() => parse(line), line).toThrow(UnknownOptionError);
    }
    for (const line of ["-T9 h", "-sS -sT h", "-F -p 22 h"]) {
      expect(() => parse(line), line).toThrow(UsageError);
      expect(() => parse(line), line).not.toThrow(UnknownOptionError);
    }
  });

  it("still refuses what would change the packets", () => {
    for (const line of ["-S 10.0.0.1 h", "-D RND:5 h", "--spoof-mac 0 h", "-f h", "-iR 100"]) {
      expect(() => parse(line), line).toThrow(UsageError);
    }
  });
});
