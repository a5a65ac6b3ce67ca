import { describe, expect, test } from "vitest";
import { PosternError } from "../model/errors.js";
import { readServiceTable } from "./data-files.js";
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

describe("discovery", () => {
  async function asked(options: string): Promise<string[]> {
    const { discovery = [] } = (await plan(`10.0.0.1 -sn ${options}`)).plan;
    return discovery.map(({ technique, ports }) => `${technique} ${ports.join()}`);
  }

  test("is the engine's choice unless it is asked for", async () => {
    expect((await plan("10.0.0.1 -sn")).plan.discovery).toBeUndefined();
  });

  test("asks what was typed, each question once, by name, too", async () => {
    expect(await asked("-PE -PS22,ssh,80 -PA443 -PS80-81 -PO -PM -PP -PE")).toEqual([
      "icmp-echo 0",
      "tcp-syn 22,80,81",
      "tcp-ack 443",
      "ip-protocol 1,2,4",
      "icmp-address-mask 0",
      "icmp-timestamp 0",
    ]);
    expect(await asked("-PUdomain -PY -POicmp")).toEqual(["udp 53", "sctp-init 80", "ip-protocol 1"]);
  });

  test("brings payloads where UDP is asked", async () => {
    expect((await plan("10.0.0.1 -sn -PU53")).plan.udpPayloads.rows.length).toBeGreaterThan(50);
  });

  test.each([
    ["-PSnosuchservice", "-PS: no tcp service"],
    ["-PS65536", "at most 65535"],
    ["-PO256", "at most 255"],
    ["-PSU:53", "-PS has no tcp port"],
    ["-PS1-2000", "1024 are the most"],
  ])("refuses %s", async (options, words) => {
    const error = await failure(`10.0.0.1 -sn ${options}`);
    expect([error.code, error.message]).toEqual(["usage", expect.stringContaining(words)]);
  });
});
