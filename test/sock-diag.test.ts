// The kernel's lists of sockets say what ss says, here and in another network namespace.
import process from "node:process";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { hasProgram } from "../lab/availability.js";
import { NOBODY_UID } from "../lab/machine.js";
import { createLab, type Lab } from "../lab/network.js";
import { describeLab } from "../lab/vitest.js";

const SCRIPT = fileURLToPath(new URL("sock-diag.ts", import.meta.url));

interface Compared {
  readonly ours: readonly string[];
  readonly theirs: readonly string[] | number;
}

async function show<Shown>(lab: Lab, ...words: readonly string[]): Promise<Shown> {
  const { stdout, stderr } = await lab.scanner.run(process.execPath, ["--import", "tsx", SCRIPT, ...words]);
  expect(stderr).toBe("");
  return JSON.parse(stdout) as Shown;
}

describeLab("sockets that the kernel lists", () => {
  let lab: Lab;
  let other: string;

  beforeAll(async () => {
    lab = await createLab({ topology: "neighbour" });
    other = `/run/netns/${lab.host().namespace}`;
  });
  afterAll(() => lab?.dispose());

  test.skipIf(!hasProgram("ss"))("are those that ss lists", async () => {
    if (!lab.hasIpv6) return;
    const shown = await show<Record<"tcp" | "listening" | "udp" | "unix" | "packet", Compared> & { raw: unknown }>(
      lab,
      "sockets",
    );
    for (const { ours, theirs } of [shown.tcp, shown.listening, shown.udp]) expect(ours).toEqual(theirs);
    expect(shown.tcp.ours).toContain("LISTEN 0 7 [::]:8003 [::]:*");
    expect(shown.tcp.ours).toContain("LISTEN 0 7 *:8004 *:*");
    expect(shown.tcp.ours.join("\n")).toMatch(/ESTAB 0 0 \[::ffff:127\.0\.0\.1\]:8004 /);
    expect(shown.listening.ours).toHaveLength(4);
    expect(shown.udp.ours).toHaveLength(2);
    expect(shown.unix.ours).toEqual([
      "datagram unconnected @pn-odd\\xff@\x1b[31m 0 0 ",
      "datagram unconnected FOLDER/dätagram 0 0 ",
      "stream listen FOLDER/stream 0 511 ",
    ]);
    expect(shown.unix.theirs).toBe(3);
    expect(shown.packet).toEqual({ ours: ["datagram 2054 1 0"], theirs: 1 });
    expect(["absent", [[89, 4]]]).toContainEqual(shown.raw); // not every kernel has raw_diag
  });

  test.skipIf(!hasProgram("ss"))("are told of another namespace, and the way leads back", async () => {
    const shown = await show<Record<string, unknown> & { inside: Compared }>(lab, "namespace", other);
    expect(shown.inside.ours.length).toBeGreaterThan(0);
    expect(shown).toMatchObject({ isInside: true, isBack: true, isNamed: true });
    expect(shown.faults).toEqual([
      "Error: from inside",
      "InternalError: work in another network namespace cannot be asynchronous",
    ]);
    expect(shown.inside.ours).toEqual(shown.inside.theirs);
  });

  test("nobody enters another namespace without the right to", async () => {
    const words = ["--import", "tsx", SCRIPT, "namespace", other];
    const { stderr, status } = await lab.scanner.run(process.execPath, words, { uid: NOBODY_UID });
    expect(status).not.toBe(0);
    expect(stderr).toMatch(/PrivilegeError: the network namespace \/\S+ may not be entered/);
  });

  test("of a VXLAN interface are the kernel's own", async () => {
    const words = "link add pnvx type vxlan id 5 dstport 4789 local 127.0.0.1 dev lo";
    const { status } = await lab.scanner.run("ip", words.split(" "));
    if (status !== 0) return; // a kernel without VXLAN
    await lab.scanner.run("ip", ["link", "set", "pnvx", "up"]);
    const listener = { protocol: "udp", port: 4789, family: 4, owner: "VXLAN pnvx", isCertain: true, place: "here" };
    expect(await show(lab, "tunnels")).toMatchObject({ listeners: [listener], refusals: [] });
    await lab.scanner.run("ip", ["link", "del", "pnvx"]);
  });
});
