// Hosts of an IPv6 link are found by asking all nodes at once, whichever of the questions they answer.
import process from "node:process";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { chainText } from "../lab/filter.js";
import { createLab, type Lab } from "../lab/network.js";
import { describeLab } from "../lab/vitest.js";

const SCRIPT = fileURLToPath(new URL("link-hosts.ts", import.meta.url));

interface Found {
  readonly address: string;
  readonly mac: string;
  readonly how: string;
}

async function find(lab: Lab, waitMs: number): Promise<Found[]> {
  const { stdout, stderr } = await lab.scanner.run(process.execPath, ["--import", "tsx", SCRIPT, `${waitMs}`]);
  expect(stderr).toBe("");
  return JSON.parse(stdout) as Found[];
}

/** The host's link-local address as the scanner sees it, and its link address. */
async function factsOf(lab: Lab): Promise<{ readonly linkLocal: string; readonly mac: string }> {
  const { stdout } = await lab.host().run("ip", ["-6", "-o", "addr", "show", "dev", "eth0", "scope", "link"]);
  const mac = (await lab.host().run("cat", ["/sys/class/net/eth0/address"])).stdout.trim();
  return { linkLocal: `${/fe80:[0-9a-f:]+/.exec(stdout)?.[0]}%eth0`, mac };
}

describeLab("hosts of an IPv6 link", () => {
  let lab: Lab;

  beforeAll(async () => {
    lab = await createLab({ topology: "neighbour" });
    const lines = ["addr add 2001:db8:9::2/64 dev eth0 nodad"];
    if (lab.hasIpv6) await lab.host().run("ip", ["-batch", "-"], { input: `${lines.join("\n")}\n` });
  });
  afterAll(() => lab?.dispose());

  test("are found by all addresses that we have a prefix for, and we are none of them", async () => {
    if (!lab.hasIpv6) return;
    const { linkLocal, mac } = await factsOf(lab);
    const found = await find(lab, 500);
    expect(found.toSorted((one, other) => (one.address < other.address ? -1 : 1))).toEqual([
      { address: lab.host().ipv6, mac, how: expect.any(String) },
      { address: linkLocal, mac, how: expect.any(String) },
    ]);
    await lab.scanner.run("ip", ["addr", "add", "2001:db8:9::1/64", "dev", "eth0", "nodad"]);
    const addresses = (await find(lab, 500)).map(({ address }) => address);
    expect(addresses.toSorted()).toEqual(["2001:db8:9::2", lab.host().ipv6, linkLocal].toSorted());
  });

  test("are found by the option that they must report when they answer no echo", async () => {
    if (!lab.hasIpv6) return;
    await filter(lab, "icmpv6 type { echo-reply, mld2-listener-report } drop");
    const { linkLocal, mac } = await factsOf(lab);
    expect(await find(lab, 500)).toContainEqual({ address: linkLocal, mac, how: "parameter-problem" });
  });

  test("are found by their groups when they answer nothing else", async () => {
    if (!lab.hasIpv6) return;
    await filter(lab, "icmpv6 type { echo-reply, parameter-problem, nd-neighbor-solicit, nd-neighbor-advert } drop");
    const { linkLocal, mac } = await factsOf(lab);
    expect(await find(lab, 2500)).toEqual([{ address: linkLocal, mac, how: "mld-report" }]);
  });
});

/** Makes one rule for what leaves the host. */
async function filter(lab: Lab, rule: string): Promise<void> {
  const table = "table inet quiet";
  const input = [`add ${table}`, `delete ${table}`, `${table} {`, chainText("out", "output", 0, [rule]), "}", ""];
  const { status, stderr } = await lab.host().run("nft", ["-f", "-"], { input: input.join("\n") });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
}
