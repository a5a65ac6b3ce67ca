import { describe, expect, test } from "vitest";
import { PosternError } from "../model/errors.js";
import { PortSet } from "../target/port-set.js";
import { readPortRanking, readServiceTable } from "./data-files.js";
import { type MadePlan, makePlan } from "./make-plan.js";
import { parseScanArguments } from "./scan-options.js";

/** The plan of a command line, its words separated by blanks. */
function plan(line: string): Promise<MadePlan> {
  return makePlan(parseScanArguments(line.split(" ")), { services: readServiceTable, seed: 7 });
}

async function failure(line: string): Promise<PosternError> {
  try {
    await plan(line);
  } catch (error) {
    if (error instanceof PosternError) return error;
    throw error;
  }
  throw new Error(`${line} was understood`);
}

describe("ports of several protocols", () => {
  async function keyOf(options: string): Promise<string> {
    const made = await plan(`10.0.0.1 ${options}`);
    return PortSet.fromData(made.plan.targets.defaultPorts).key();
  }

  test("plain numbers are for all techniques in use, letters for one", async () => {
    expect(await keyOf("-sSU -p 53,T:80,U:161")).toBe("T:53,80;U:53,161;S:;P:");
    expect(await keyOf("-sU -p 53")).toBe("T:;U:53;S:;P:");
    expect(await keyOf("-sSUY -p 9")).toBe("T:9;U:9;S:9;P:");
    expect(await keyOf("-sSU -p 22-24,U:53 --exclude-ports 23,U:22")).toBe("T:22,24;U:24,53;S:;P:");
  });

  test("IP protocols have numbers and names; all of them are the default", async () => {
    expect(await keyOf("-sO")).toBe("T:;U:;S:;P:0-255");
    expect(await keyOf("-sO -p P:tcp,icmp,50-51")).toBe("T:;U:;S:;P:1,6,50-51");
    const made = await plan("10.0.0.1 -sO -F");
    expect(PortSet.fromData(made.plan.targets.defaultPorts).count("ip")).toBeGreaterThan(100);
    expect((await failure("10.0.0.1 -sO -p 256")).message).toContain("an IP protocol is at most 255");
    expect((await failure("10.0.0.1 -p icmp")).message).toContain("only one of another protocol");
  });

  test("the likeliest of each protocol, as far as there are any", async () => {
    const ranking = readPortRanking();
    const made = PortSet.fromData((await plan("10.0.0.1 -sSUY")).plan.targets.defaultPorts);
    expect([made.count("tcp"), made.count("udp"), made.count("sctp")]).toEqual([
      1000,
      1000,
      ranking.rankedCount("sctp"),
    ]);
    expect([...made.ports("udp")].sort()).toEqual([...ranking.top("udp", 1000)].sort());
    const fast = PortSet.fromData((await plan("10.0.0.1 -sU -F")).plan.targets.defaultPorts);
    expect([fast.count("tcp"), fast.count("udp")]).toEqual([0, 100]);
  });

  test.each([
    ["-sSU -p T:22", "no UDP port is left"],
    ["-sU -p T:22", "no UDP port is left"],
    ["-sO -p P:6 --exclude-ports P:6", "no IP protocol is left"],
    ["-sY -p S:9 --exclude-ports 9", "no SCTP port is left"],
  ])("none left for a technique is an error: %s", async (options, words) => {
    expect((await failure(`10.0.0.1 ${options}`)).message).toContain(words);
  });

  test("those of UDP that a question is known for are asked early", async () => {
    const { likelyPorts, udpPayloads } = (await plan("10.0.0.1 -sSU")).plan;
    const asked = udpPayloads.rows.flatMap(({ ports }) => ports);
    expect(asked.length).toBeGreaterThan(50);
    for (const port of asked) expect(likelyPorts.udp).toContain(port);
    expect(likelyPorts.tcp).toEqual(readPortRanking().top("tcp", 100));
    expect(likelyPorts.sctp).toBeUndefined();
  });

  test("a host's own are for all techniques, too", async () => {
    const made = await plan("10.0.0.1:53 -sSU -p 80");
    const [group] = made.plan.targets.groups;
    expect(group?.ports).toMatchObject({ tcp: [[53, 53]], udp: [[53, 53]], sctp: [], ip: [] });
  });
});
