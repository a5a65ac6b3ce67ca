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

describe("technique and transport", () => {
  test.each(["io_uring", "epoll", "node"])("--transport %s connects, and contradicts -sS", async (transport) => {
    expect((await plan(`10.0.0.1 --transport ${transport}`)).plan.techniques).toEqual(["tcp-connect"]);
    const error = await failure(`10.0.0.1 -sS --transport ${transport}`);
    expect([error.code, error.hint]).toEqual(["usage", expect.stringContaining("-sT")]);
  });

  test.each(["ring", "raw"])("--transport %s sends packets, and contradicts -sT", async (transport) => {
    expect((await plan(`10.0.0.1 -sS --transport ${transport}`)).plan).toMatchObject({
      techniques: ["tcp-syn"],
      transport,
    });
    const error = await failure(`10.0.0.1 -sT --transport ${transport}`);
    expect([error.code, error.hint]).toEqual(["usage", expect.stringContaining("-sS")]);
  });

  test("several techniques go together, and their transport must carry all", async () => {
    expect((await plan("10.0.0.1 -sSUZ")).plan.techniques).toEqual(["tcp-syn", "udp", "sctp-cookie-echo"]);
    expect((await failure("10.0.0.1 -sTU --transport raw")).message).toContain("-sT does not");
    expect((await failure("10.0.0.1 -sTU --transport epoll")).message).toContain("-sU does not");
  });

  test("--scanflags makes a SYN scan of the default, and changes any other", async () => {
    expect((await plan("10.0.0.1 --scanflags SYNFIN")).plan).toMatchObject({ techniques: ["tcp-syn"], scanFlags: 3 });
    expect((await plan("10.0.0.1 -sA --scanflags 9")).plan).toMatchObject({ techniques: ["tcp-ack"], scanFlags: 9 });
    expect((await failure("10.0.0.1 --scanflags 9 --transport epoll")).message).toContain("--scanflags does not");
  });

  test("-sT and -sS are as good without a transport", async () => {
    expect((await plan("10.0.0.1 -sT")).plan.techniques).toEqual(["tcp-connect"]);
    expect((await plan("10.0.0.1 -sS")).plan.techniques).toEqual(["tcp-syn"]);
  });
});
