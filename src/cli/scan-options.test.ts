import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UsageError } from "../model/errors.js";
import { changed, complaint, parse } from "./command-line.test.data.js";
import { allNames } from "./option.js";
import { parseScanArguments, SCAN_OPTIONS } from "./scan-options.js";

describe("the option table", () => {
  const names = SCAN_OPTIONS.flatMap(allNames);

  it("has no name twice", () => {
    expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
  });

  it("has a help line for each option, without a full stop, and a reason where it does not work", () => {
    for (const { help, section, state, why } of SCAN_OPTIONS) {
      expect(help).toMatch(/^\S.*[^.\s]$/);
      expect(section).toMatch(/^[A-Z][A-Za-z ]*$/);
      expect(why ?? "").toMatch(state === undefined ? /^$/ : /^(has|is) \S.*[^.\s]$/);
    }
  });

  it("spells names as options", () => {
    expect(names.filter((name) => !/^(-[A-Za-z0-9][A-Za-z0-9]?|--[a-z][A-Za-z0-9-]+)$/.test(name))).toEqual([]);
  });

  const valued = SCAN_OPTIONS.filter(
    ({ value, isAttached, state, names: [name] }) =>
      value !== undefined && isAttached !== true && (state === undefined || name.endsWith("-hostgroup")),
  );

  it.each(valued.map((option) => option.names[0]))("says that %s lacks its value", (name) => {
    expect(complaint(name)).toContain(`${name} needs a value`);
    expect(complaint(`${name} -sS`)).toContain("the next word is the option -sS");
    expect(() => parseScanArguments([name, ""])).toThrow(UsageError);
  });
});

describe("the grammar", () => {
  it("takes values attached, behind = or as the next word", () => {
    for (const line of ["-p22", "-p 22"]) {
      expect(changed(line)).toEqual({ portsText: "22" });
    }
    expect(changed("-p-")).toEqual({ portsText: "-" });
    expect(changed("-p - -v")).toEqual({ portsText: "-", verbosity: 1 });
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
    expect(changed("-vFr")).toEqual({ verbosity: 1, isFast: true, isSequential: true });
    expect(changed("-rvp22")).toEqual({ isSequential: true, verbosity: 1, portsText: "22" });
    expect(changed("-rvp 22")).toEqual({ isSequential: true, verbosity: 1, portsText: "22" });
    expect(changed("-sSS")).toEqual({ techniques: ["tcp-syn"] });
    expect(changed("-sSU")).toEqual({ techniques: ["tcp-syn", "udp"] });
    expect(changed("-sUN")).toEqual({ techniques: ["udp", "tcp-null"] });
    expect(changed("-sSUY")).toEqual({ techniques: ["tcp-syn", "udp", "sctp-init"] });
    expect(complaint("-sST")).toContain("choose one");
    expect(complaint("-s")).toContain("-s needs a letter");
    expect(complaint("-sSV")).toContain("-sV (service and version detection) is not in this version: ");
    expect(complaint("-sQ")).toContain("unknown option -sQ");
    expect(complaint("-nq")).toContain("unknown option -nq");
  });

  it("takes clear abbreviations and refuses others", () => {
    expect(changed("--reas --no-prog --top 5")).toEqual({ showReason: true, progress: false, topPorts: 5 });
    expect(complaint("--max-r 3")).toBe(
      "--max-r is ambiguous: it may mean --max-rtt-timeout or --max-retries or --max-rate",
    );
    expect(complaint("--exclude")).toContain("--exclude needs a value");
    expect(complaint("--scan")).toContain("ambiguous");
    expect(complaint("--script-tr")).toContain("--script-tr (trace of scripts) is not in this version: ");
  });

  it("names the option that was meant", () => {
    expect(complaint("--resolv-all")).toBe("unknown option --resolv-all; did you mean --resolve-all?");
    expect(complaint("-reasn")).toBe("unknown option -reasn; did you mean --reason?");
    expect(complaint("--quux")).toBe("unknown option --quux");
    expect(complaint("-x")).toBe("unknown option -x");
    expect(complaint("--=")).toBe("unknown option --");
    expect(complaint("--open=1")).toBe('--open takes no value, but it was given "1"');
  });

  it("takes long options behind one dash where they are written out, as getopt_long_only(3) does", () => {
    expect(changed("-open -reason -top-ports 5 -max-retries=3")).toEqual({
      onlyOpen: true,
      showReason: true,
      topPorts: 5,
      timing: { maxRetries: 3 },
    });
    expect(changed("-privileged")).toEqual({ privileged: true }); // and not -p rivileged
    expect(complaint("-open=1")).toBe('-open takes no value, but it was given "1"');
    expect(complaint("-badsum")).toContain("-badsum (wrong checksums) is not in this version");
  });

  it("refuses before it asks for values", () => {
    for (const line of ["-sI", "-sI zombie", "-D", "-D10.0.0.1", "--script", "--script=default", "-g53", "-nD x"]) {
      expect(complaint(line)).toMatch(/^(-sI|-D|-D10.0.0.1|--script|-g53) \(.+\) is /);
    }
    expect(complaint("-Av")).toContain("-A (");
    expect(complaint("-ff")).toContain("-ff (fragments) is not in this version");
    expect(complaint("-O2")).toContain("-O (operating system detection) is not in this version");
  });

  it("ends reading at help and version", () => {
    expect(parse("-h --what").action).toBe("help");
    expect(parse("-V").action).toBe("version");
    expect(parse("--version --help").action).toBe("version");
    expect(parse("-sS -sn --help").action).toBe("help");
  });

  it("throws nothing but a UsageError, whatever is typed", () => {
    const letters = fc.string({ unit: fc.constantFrom(..."-=spPnSTvFiL0, mar".split("")), maxLength: 8 });
    const word = fc.oneof(letters, fc.constantFrom(...SCAN_OPTIONS.flatMap(allNames)));
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
