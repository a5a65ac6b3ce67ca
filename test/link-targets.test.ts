// --link: the hosts of a link are scanned without anybody naming them.
import { afterAll, beforeAll, expect, test } from "vitest";
import { NOBODY_UID } from "../lab/machine.js";
import { createLab, type Lab } from "../lab/network.js";
import { describeLab } from "../lab/vitest.js";
import { postern, runPostern } from "./postern.js";

describeLab("--link", () => {
  let lab: Lab;

  beforeAll(async () => {
    lab = await createLab({ topology: "neighbour" });
  });
  afterAll(() => lab?.dispose());

  test("scans the IPv6 hosts of the link, by all of their addresses", async () => {
    if (!lab.hasIpv6) return;
    const seen = await postern(lab.scanner, ["-p22", "--reason", "--link", "eth0"]);
    expect(seen.upAddresses).toContain(lab.host().ipv6);
    expect(seen.upAddresses.some((address) => /^fe80::.*%eth0$/.test(address))).toBe(true);
    expect(seen.stdout).toContain("received nd-response");
    for (const { lines } of seen.hosts) expect(lines.join("\n")).toMatch(/^22\/tcp +open +ssh +syn-ack/m);
  });

  test.each([
    ["an interface that is not there", "eth9", /there is no interface eth9[\s\S]*there are: .*eth0/],
    ["an interface without a link", "lo", /the interface lo has no link with other hosts/],
  ])("refuses %s", async (_what, link, words) => {
    const seen = await runPostern(lab.scanner, ["-p22", "--link", link]);
    expect(seen.status).toBe(255);
    expect(seen.stderr).toMatch(words);
  });

  test("says which privilege it needs", async () => {
    const seen = await runPostern(lab.scanner, ["-p22", "--link", "eth0"], { uid: NOBODY_UID });
    expect(seen.stderr).toMatch(/--link sends raw packets.*CAP_NET_RAW/);
    expect(seen.status).not.toBe(0);
  });
});
