// Odd command lines: what real nmap takes, postern takes, too, and what nmap does not understand is an error here as there.
import { afterAll, beforeAll, expect, test } from "vitest";
import { hasProgram } from "../lab/availability.js";
import { createLab, type Lab } from "../lab/network.js";
import { describeLab } from "../lab/vitest.js";
import { runPostern } from "./postern.js";

const TAKEN = [
  "-sSU -vv -p T:22,U:53 -T4 127.0.0.1",
  "-T 4 -p22 127.0.0.1",
  "-Taggressive -p 22 127.0.0.1",
  "-T Insane -p22 127.0.0.1",
  "--timing 3 -p22 127.0.0.1",
  "-nF 127.0.0.1",
  "-Fn 127.0.0.1",
  "127.0.0.1 -F",
  "-p22 -- 127.0.0.1",
  "-open -reason -p22 127.0.0.1",
  "-max-retries 3 -p22 127.0.0.1",
  "--max-retr=3 -p22 127.0.0.1",
  "--top-p 3 127.0.0.1",
  "-v3 -p22 127.0.0.1",
  "--vv -p22 127.0.0.1",
  "-d1 -p22 127.0.0.1",
  "-dd -p22 127.0.0.1",
  "-oN - -p22 127.0.0.1",
  "-sP 127.0.0.1",
  "-PN -p22 127.0.0.1",
  "-P0 -p22 127.0.0.1",
  "-PD -p22 127.0.0.1",
  "-PS22,80 -PA -PU53 -PY -PE -PP -PM -PO6 -sn 127.0.0.1",
  "-PI -PT80 -sn 127.0.0.1",
  "-PB -sn 127.0.0.1",
  "-iL - -p22",
  "-i - -p22",
  "--rH --nogcc --release-memory --unique --log-errors -p22 127.0.0.1",
  "--nsock-engine=epoll -p22 127.0.0.1",
  "--min-hostgroup 1 --max-hostgroup 4 -p22 127.0.0.1",
  "--stats-every 5s --noninteractive -p22 127.0.0.1",
  "--send-ip -p22 127.0.0.1",
  "--discovery-ignore-rst -p22 127.0.0.1",
  "--no-stylesheet --webxml -p22 127.0.0.1",
  "--scanflags SYNURG -p22 127.0.0.1",
];

const NOT_TAKEN = [
  "-T9 127.0.0.1",
  "--max-r 3 127.0.0.1",
  "--foo 127.0.0.1",
  "-Q 127.0.0.1",
  "--open=1 127.0.0.1",
  "--top-ports",
  "--port-ratio 2 127.0.0.1",
  "-sST 127.0.0.1",
  "-oA - 127.0.0.1",
  "-sn -p22 127.0.0.1",
  "-p 22 -p 23 127.0.0.1",
  "-p 70000 127.0.0.1",
];

describeLab("odd command lines", () => {
  let lab: Lab;

  beforeAll(async () => {
    lab = await createLab({ topology: "neighbour" });
  });
  afterAll(() => lab?.dispose());

  /** Status 0 or not, of both programs. */
  async function statuses(line: string): Promise<readonly boolean[]> {
    const words = line.split(" ");
    const input = "127.0.0.1\n";
    const theirs = await lab.scanner.run("nmap", words, { input });
    const ours = await runPostern(lab.scanner, words, { input });
    return [theirs.status === 0, ours.status === 0];
  }

  test.skipIf(!hasProgram("nmap")).each(TAKEN)("%s is taken", async (line) => {
    expect(await statuses(line)).toEqual([true, true]);
  });

  test.skipIf(!hasProgram("nmap")).each(NOT_TAKEN)("%s is not", async (line) => {
    expect(await statuses(line)).toEqual([false, false]);
  });
});
