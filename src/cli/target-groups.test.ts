import { describe, expect, test, vi } from "vitest";
import type { Resolution } from "../linux/resolve.js";
import { InputError, UsageError } from "../model/errors.js";
import { parseAddress } from "../target/address.js";
import { formatBlock } from "../target/address-block.js";
import { formatRanges, PortSet } from "../target/port-set.js";
import type { ServiceNames } from "../target/service-names.js";
import { ServiceTable } from "../target/service-table.js";
import { type GroupOptions, type Groups, readExclusions, readGroups, type TargetText } from "./target-groups.js";

/** The names of a network that exists only here. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  web: ["fd00::1", "10.0.0.1", "10.0.0.2"],
  six: ["fd00::6"],
};
const SERVICES: ServiceNames = new ServiceTable("ssh\t22\ttcp\nhttps\t443\ttcp\n");

function resolve(name: string): Promise<Resolution> {
  const texts = NAMES[name];
  if (texts === undefined) return Promise.resolve({ why: "no such name" });
  return Promise.resolve({ addresses: texts.map(parseAddress).filter((one) => one !== undefined) });
}

vi.mock("../linux/resolve.js", () => ({ resolveName: resolve }));

function typed(...texts: readonly string[]): TargetText[] {
  return texts.map((text) => ({ text, place: undefined }));
}

function read(texts: readonly TargetText[], options: Partial<GroupOptions> = {}): Promise<Groups> {
  return readGroups(texts, {
    resolveAll: false,
    names: () => SERVICES,
    excludedPorts: PortSet.empty,
    resolve,
    ...options,
  });
}

/** "web 10.0.0.1", with what else the name has in brackets and with ports behind a colon. */
function shown({ groups }: Groups): string[] {
  return groups.map(({ block, name, otherAddresses, ports }) => {
    const others = otherAddresses === undefined ? "" : ` (${otherAddresses.join(" ")})`;
    const own = ports === undefined ? "" : ` : ${formatRanges(PortSet.fromData(ports).ranges("tcp"))}`;
    return `${name ?? "-"} ${formatBlock(block)}${others}${own}`;
  });
}

async function complaint(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof UsageError || error instanceof InputError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return "nothing";
}

describe("targets", () => {
  test("are read in their order: addresses, networks, patterns, IPv6", async () => {
    const groups = await read(typed("10.0.0.9", "192.168.0.0/30", "10.1.2-3.*", "::1"));
    expect(shown(groups)).toEqual(["- 10.0.0.9", "- 192.168.0.0/30", "- 10.1.2-3.0-255", "- ::1"]);
    expect(groups.warnings).toEqual([]);
  });

  test("by name get the first IPv4 address, and the others are told", async () => {
    expect(shown(await read(typed("web")))).toEqual(["web 10.0.0.1 (10.0.0.2 fd00::1)"]);
    expect(shown(await read(typed("six")))).toEqual(["six fd00::6 ()"]);
  });

  test("by name get all addresses with --resolve-all", async () => {
    expect(shown(await read(typed("web"), { resolveAll: true }))).toEqual([
      "web 10.0.0.1 ()",
      "web 10.0.0.2 ()",
      "web fd00::1 ()",
    ]);
  });

  test("by name with a prefix stand for the block around the address, and the address alone has the name", async () => {
    expect(shown(await read(typed("web/30")))).toEqual(["web 10.0.0.1 (10.0.0.2 fd00::1)", "- 10.0.0.0/30"]);
  });

  test("keep the ports behind their colon, by number and by name, less the excluded ones", async () => {
    const excludedPorts = PortSet.of({ tcp: [[80, 80]] });
    const groups = await read(typed("10.0.0.1:22,80-81", "web:https", "[fd00::2]:ssh"), { excludedPorts });
    expect(shown(groups)).toEqual(["- 10.0.0.1 : 22,81", "web 10.0.0.1 (10.0.0.2 fd00::1) : 443", "- fd00::2 : 22"]);
  });
});

describe("names that cannot be resolved", () => {
  test("are warned about one by one, and the good ones go on", async () => {
    const groups = await read(typed("nowhere", "web", "gone", "10.0.0.7"));
    expect(shown(groups)).toEqual(["web 10.0.0.1 (10.0.0.2 fd00::1)", "- 10.0.0.7"]);
    expect(groups.warnings).toEqual([
      "nowhere cannot be resolved: no such name",
      "gone cannot be resolved: no such name",
    ]);
  });

  test("leave nothing when there is no good one", async () => {
    expect(await read(typed("nowhere"))).toEqual({
      groups: [],
      warnings: ["nowhere cannot be resolved: no such name"],
    });
  });

  test("are looked up once each, and no more than 16 at a time", async () => {
    let underWay = 0;
    let most = 0;
    const asked: string[] = [];
    const counting = async (name: string): Promise<Resolution> => {
      asked.push(name);
      most = Math.max(most, ++underWay);
      await new Promise(setImmediate);
      underWay--;
      return { why: "no such name" };
    };
    const names = Array.from({ length: 40 }, (_, index) => `host${index}`);
    const { warnings } = await read(typed(...names, ...names), { resolve: counting });
    expect(asked.sort()).toEqual(names.sort());
    expect(most).toBe(16);
    expect(warnings.length).toBe(80);
  });
});

describe("what cannot be understood", () => {
  test.each([
    ["", "empty"],
    ["10.0.0.256", "256"],
    ["10.0.0.1/33", "prefix length"],
    ["10.0.0.1:", "no port behind the colon"],
    [":22", "no host before the colon"],
    ["10.0.0.1:99999", "99999"],
    ["web:nosuchservice", "nosuchservice"],
    ["http://web/", "URL"],
    ["a b", "blank"],
    ["-x", "hyphen"],
    ["2001:db8::/32", "too large"],
    ["six/64", "too large"],
    ["[::1", "]"],
  ])("%j on the command line is a usage error about %s", async (text, about) => {
    const told = await complaint(read(typed("10.0.0.1", text)));
    expect(told).toMatch(/^usage: /);
    expect(told).toContain(about);
  });

  test("in a list names the file and the line", async () => {
    const texts: TargetText[] = [
      { text: "10.0.0.1", place: { file: "hosts.txt", line: 1 } },
      { text: "10.0.0.300", place: { file: "hosts.txt", line: 7 } },
    ];
    expect(await complaint(read(texts))).toMatch(/^input: hosts\.txt:7: .*300/);
    const badPorts = [{ text: "10.0.0.1:1-0", place: { file: "hosts.txt", line: 9 } }];
    expect(await complaint(read(badPorts))).toMatch(/^input: hosts\.txt:9: /);
  });

  test("is found before any name is looked up", async () => {
    const asked: string[] = [];
    const asking = (name: string): Promise<Resolution> => {
      asked.push(name);
      return resolve(name);
    };
    await complaint(read(typed("web", "10.0.0.300"), { resolve: asking }));
    expect(asked).toEqual([]);
  });
});

describe("exclusions", () => {
  test("are read as targets are; a name stands for all of its addresses", async () => {
    const blocks = await readExclusions(typed("10.0.0.0/24", "10.1.1.1,5-9", "web", "2001:db8::/32"));
    expect(blocks.map(formatBlock)).toEqual([
      "10.0.0.0/24",
      "10.1.1.1,5-9",
      "fd00::1",
      "10.0.0.1",
      "10.0.0.2",
      "2001:db8::/32",
    ]);
  });

  test("by name that cannot be resolved stop everything: they might be probed after all", async () => {
    const told = await complaint(readExclusions(typed("10.0.0.1", "nowhere")));
    expect(told).toMatch(/^usage: .*nowhere.*cannot be resolved: no such name$/);
  });

  test("take no ports", async () => {
    expect(await complaint(readExclusions(typed("10.0.0.1:22")))).toContain("--exclude-ports");
  });
});
