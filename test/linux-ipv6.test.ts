// Raw packets over IPv6 must leave and be answered: on the link, behind a router, by every transmitter.
import process from "node:process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { createLab, type Lab } from "../lab/network.js";
import { SCANNER_ADDRESSES } from "../lab/topology.js";
import { describeLab } from "../lab/vitest.js";

const SCRIPT = fileURLToPath(new URL("linux-ipv6.ts", import.meta.url));
const [SYN_ACK, RST_ACK] = [18, 20];
const ENETUNREACH = 101;

async function run(lab: Lab, target: string): Promise<unknown> {
  const { stdout, stderr } = await lab.scanner.run(process.execPath, ["--import", "tsx", SCRIPT, target]);
  expect(stderr).toBe("");
  return JSON.parse(stdout);
}

/** What SYN segments to ports 22 and 81 are answered with. */
function answersOf(address: string): unknown {
  const segments = [`${address} port 22 flags ${SYN_ACK}`, `${address} port 81 flags ${RST_ACK}`];
  return {
    "packet socket": segments,
    "raw IP": segments,
    // The kernel hands the scanner its own multicast as well: it is one of all nodes.
    "all nodes": [expect.stringMatching(/^fe80::\S+ icmpv6 129$/), expect.stringMatching(/^fe80::\S+ icmpv6 129$/)],
  };
}

async function macOf(machine: Lab["scanner"], device: string): Promise<string> {
  return (await machine.run("cat", [`/sys/class/net/${device}/address`])).stdout.trim();
}

describeLab("raw packets over IPv6", () => {
  test("on the link, with several own addresses to choose from", async () => {
    await using lab = await createLab({ topology: "neighbour" });
    if (!lab.hasIpv6) return;
    const host = lab.host();
    const lines = ["fd00:9:1::1/64", "fd80::1/48", "2001:db8:9::1/64"].map((each) => `addr add ${each} dev eth0 nodad`);
    const routes = ["route add default via fd00:9::2", "route add unreachable fd00:8000::/32"];
    await lab.scanner.run("ip", ["-6", "-batch", "-"], { input: `${[...lines, ...routes].join("\n")}\n` });
    const mac = await macOf(host, "eth0");
    const seen = await run(lab, host.ipv6);
    expect(seen).toMatchObject({ kind: "unicast", device: "eth0", mtuBytes: 1500, source: SCANNER_ADDRESSES.ipv6 });
    expect(seen).toMatchObject({ mac, isAbsentFound: false, answers: answersOf(host.ipv6) });
    expect(seen).toMatchObject({
      addresses: expect.arrayContaining(["10.9.0.1/16", "fd00:9::1/64", "fd80::1/48", "2001:db8:9::1/64"]),
      faults: [],
    });
  });

  test("behind a router, also one that is known by its link-local address only", async () => {
    await using lab = await createLab({ topology: "routed" });
    if (!lab.hasIpv6) return;
    const host = lab.host();
    const mac = await macOf(lab.router, "outside");
    expect(await run(lab, host.ipv6)).toMatchObject({
      gateway: "fd00:9::254",
      mac,
      faults: [],
      answers: answersOf(host.ipv6),
    });
    const { stdout } = await lab.router.run("ip", ["-6", "-o", "addr", "show", "dev", "outside", "scope", "link"]);
    const gateway = /fe80:[0-9a-f:]+/.exec(stdout)?.[0] ?? "";
    const lines = [
      `route replace fd00:10::/64 via ${gateway} dev eth0`,
      `neigh replace ${gateway} lladdr ${mac} dev eth0 nud permanent`,
    ];
    await lab.scanner.run("ip", ["-6", "-batch", "-"], { input: `${lines.join("\n")}\n` });
    expect(await run(lab, host.ipv6)).toMatchObject({
      gateway: `${gateway}%eth0`,
      mac,
      known: mac,
      faults: [],
      answers: answersOf(host.ipv6),
    });
  });

  test("where IPv6 is switched off there is no way, and nothing is thrown", async () => {
    await using lab = await createLab({ topology: "neighbour" });
    if (!lab.hasIpv6) return;
    await lab.scanner.run("sh", ["-c", "echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6"]);
    expect(await run(lab, lab.host().ipv6)).toEqual({ kind: "unreachable", errno: ENETUNREACH });
  });
});
