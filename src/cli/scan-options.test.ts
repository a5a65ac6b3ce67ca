import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UsageError } from "../model/errors.js";
import { LATER_OPTIONS } from "./later-options.js";
import { parseScanArguments, SCAN_OPTIONS } from "./scan-options.js";
import { defaultScanSettings, type ScanSettings } from "./scan-settings.js";

function parse(line: string): ScanSettings {
  return parseScanArguments(line.split(" ").filter((word) => word !== ""));
}

function changed(line: string): Partial<ScanSettings> {
  const before = new Map<string, unknown>(Object.entries(defaultScanSettings()));
  const entries = Object.entries(parse(line)).filter(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(before.get(name)),
  );
  return Object.fromEntries(entries);
}

function complaint(line: string): string {
  try {
    parse(line);
  } catch (error) {
    if (error instanceof UsageError) {
      return error.message;
    }
    throw error;
  }
  return "nothing";
}

describe("the option table", () => {
  const names = SCAN_OPTIONS.flatMap((option) => option.names);

  it("has no name twice, here or among the later ones", () => {
    const all = [...names, ...LATER_OPTIONS.map((later) => later.name)];
    expect(all.filter((name, at) => all.indexOf(name) !== at)).toEqual([]);
  });

  it("has a help line for each option, without a full stop", () => {
    for (const { help, section } of [...SCAN_OPTIONS]) {
      expect(help).toMatch(/^\S.*[^.\s]$/);
      expect(section).toMatch(/^[A-Z][a-z]+$/);
    }
    for (const { what } of LATER_OPTIONS) {
      expect(what).toMatch(/^\S.*[^.\s]$/);
    }
  });

  it("spells names as options", () => {
    expect(names.filter((name) => !/^(-[A-Za-z][A-Za-z0-9]?|--[a-z][a-z0-9-]+)$/.test(name))).toEqual([]);
  });

  it.each(SCAN_OPTIONS.filter((option) => option.value !== undefined).map((option) => option.names[0]))(
    "says that %s lacks its value",
    (name) => {
      expect(complaint(name)).toContain(`${name} needs a value`);
      expect(complaint(`${name} -sS`)).toContain("the next word is the option -sS");
      expect(() => parseScanArguments([name, ""])).toThrow(UsageError);
    },
  );
});

describe("the grammar", () => {
  it("takes values attached, behind = or as the next word", () => {
    for (const line of ["-p22", "-p 22"]) {
      expect(changed(line)).toEqual({ portsText: "22" });
    }
    expect(changed("-p-")).toEqual({ portsText: "-" });
    expect(changed("-p - -n")).toEqual({ portsText: "-" });
    expect(changed("-p -100")).toEqual({ portsText: "-100" });
    expect(changed("-iLhosts -iL -")).toEqual({ inputLists: ["hosts", "-"] });
    expect(changed("--top-ports=10")).toEqual({ topPorts: 10 });
    expect(changed("--top-ports 10")).toEqual({ topPorts: 10 });
    expect(changed("--top_ports 10")).toEqual({ topPorts: 10 });
  });

  it("takes targets anywhere, and after -- anything", () => {
    expect(changed("a -F b --open c")).toEqual({ targetTexts: ["a", "b", "c"], isFast: true, onlyOpen: true });
    expect(changed("a -- -F --what")).toEqual({ targetTexts: ["a", "-F", "--what"] });
    expect(changed("-")).toEqual({ targetTexts: ["-"] });
  });

  it("takes bundled letters", () => {
    expect(changed("-vv -v")).toEqual({ verbosity: 3 });
    expect(changed("-nFr")).toEqual({ isFast: true, isSequential: true });
    expect(changed("-rvp22")).toEqual({ isSequential: true, verbosity: 1, portsText: "22" });
    expect(changed("-rvp 22")).toEqual({ isSequential: true, verbosity: 1, portsText: "22" });
    expect(changed("-sSS")).toEqual({ technique: "tcp-syn" });
    expect(complaint("-sST")).toContain("choose one");
    expect(complaint("-s")).toContain("-s needs a letter");
    expect(complaint("-sSV")).toBe("-sV (service and version detection) is not in this version");
    expect(complaint("-sQ")).toContain("unknown option -sQ");
    expect(complaint("-nq")).toContain("unknown option -nq");
  });

  it("takes clear abbreviations and refuses others", () => {
    expect(changed("--reas --no-prog --top 5")).toEqual({ showReason: true, progress: false, topPorts: 5 });
    expect(complaint("--max-r 3")).toBe(
      "--max-r is ambiguous: it may mean --max-rate or --max-retries or --max-rtt-timeout",
    );
    expect(complaint("--exclude")).toContain("--exclude needs a value");
    expect(complaint("--scan")).toContain("ambiguous");
    expect(complaint("--trace")).toBe("--trace (the way to each host) is not in this version");
  });

  it("names the option that was meant", () => {
    expect(complaint("--resolv-all")).toBe("unknown option --resolv-all; did you mean --resolve-all?");
    expect(complaint("-open")).toBe("unknown option -open; did you mean --open?");
    expect(complaint("-privileged")).toBe("unknown option -privileged; did you mean --privileged?");
    expect(complaint("-reasn")).toBe("unknown option -reasn; did you mean --reason?");
    expect(complaint("--quux")).toBe("unknown option --quux");
    expect(complaint("-x")).toBe("unknown option -x");
    expect(complaint("--=")).toBe("unknown option --");
    expect(complaint("--open=1")).toBe('--open takes no value, but it was given "1"');
  });

  it("knows what comes in later versions", () => {
    expect(complaint("-sU")).toBe("-sU (UDP scan) is not in this version");
    expect(complaint("-T4")).toBe("-T4 (timing templates) is not in this version");
    expect(complaint("-oX out.xml")).toBe("-oX (XML report) is not in this version");
    expect(complaint("-PS22,80")).toBe("-PS22,80 (discovery by TCP SYN) is not in this version");
    expect(complaint("--script=default")).toBe("--script (scripts) is not in this version");
    expect(complaint("-6")).toBe("-6: not needed: IPv4 and IPv6 targets may be mixed freely");
  });

  it("ends reading at help and version", () => {
    expect(parse("-h --what").action).toBe("help");
    expect(parse("-V").action).toBe("version");
    expect(parse("--version --help").action).toBe("version");
    expect(parse("-sS -sn --help").action).toBe("help");
  });

  it("throws nothing but a UsageError, whatever is typed", () => {
    const letters = fc.string({ unit: fc.constantFrom(..."-=spPnSTvFiL0, mar".split("")), maxLength: 8 });
    const word = fc.oneof(letters, fc.constantFrom(...SCAN_OPTIONS.flatMap((option) => option.names)));
    fc.assert(
      fc.property(fc.array(word, { maxLength: 5 }), (words) => {
        try {
          parseScanArguments(words);
        } catch (error) {
          expect(error).toBeInstanceOf(UsageError);
        }
      }),
    );
  });
});

describe("the options", () => {
  it("are nothing without a word", () => {
    expect(parse("")).toEqual(defaultScanSettings());
  });

  it("set what they say", () => {
    expect(changed("--exclude 10.0.0.1,a --excludefile no --resolve-all -n")).toEqual({
      excludeTexts: ["10.0.0.1,a"],
      excludeFiles: ["no"],
      resolveAll: true,
    });
    expect(changed("-Pn")).toEqual({ pingMode: "none" });
    expect(changed("-P0 -PN")).toEqual({ pingMode: "none" });
    expect(changed("-sP -sn")).toEqual({ pingMode: "only" });
    expect(changed("-sT --exclude-ports 9")).toEqual({ technique: "tcp-connect", excludePortsText: "9" });
    expect(changed("--authorized 192.0.2.0/24,2001:db8::/32 --auth 198.51.100.1")).toEqual({
      authorized: ["192.0.2.0/24", "2001:db8::/32", "198.51.100.1"],
    });
    expect(changed("--max-rate 0.5 --max-retries 0 --transport io_uring --seed 7")).toEqual({
      maxRatePps: 0.5,
      maxRetries: 0,
      transport: "io_uring",
      seed: 7,
    });
    expect(changed("--privileged --unprivileged --progress")).toEqual({ privileged: false, progress: true });
  });

  it("refuse values that cannot be", () => {
    expect(complaint("--top-ports ten")).toBe('--top-ports needs a whole number from 1 to 65535, but was given "ten"');
    for (const line of ["--top-ports 0", "--top-ports 65536", "--max-retries -1", "--max-retries 1.5", "--seed 1e3"]) {
      expect(complaint(line)).toContain("needs a whole number");
    }
    for (const value of ["0", "0.0", "-5", "fast", "1k", "Infinity"]) {
      expect(complaint(`--max-rate ${value}`)).toContain("greater than 0");
    }
    expect(complaint("--transport rign")).toContain("did you mean ring?");
    expect(complaint("--authorized 10.0.0.0/8,")).toContain("networks separated by commas");
    expect(complaint("-p 1 -p 2")).toBe("-p was given twice");
    expect(complaint("-iL - -iL -")).toContain("standard input can be read only once");
  });

  it("refuse contradictions", () => {
    expect(complaint("-sS -sT")).toContain("choose one");
    expect(complaint("-sn -Pn")).toContain("choose one");
    expect(complaint("-F -p 22")).toContain("choose one");
    expect(complaint("-F --top-ports 5")).toContain("choose one");
    expect(complaint("-p 22 -sn")).toContain("-sn scans no ports");
    expect(complaint("-sT -sn")).toContain("-sT has no meaning");
  });
});
