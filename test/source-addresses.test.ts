// --source-addresses: UDP probes leave from all that are named, and from no other.
import { afterAll, beforeAll, expect, test } from "vitest";
import { createLab, type Lab } from "../lab/network.js";
import { describeLab } from "../lab/vitest.js";
import { onlyHost, postern } from "./postern.js";
import { statesOf } from "./report.js";

/** The host notes from where it is asked. */
const WATCH = `table ip watch {
  set seen { type ipv4_addr; flags dynamic; size 64; }
  chain in {
    type filter hook prerouting priority -300
    udp dport 9000-9039 add @seen { ip saddr }
  }
}
`;

describeLab("--source-addresses", () => {
  let lab: Lab;

  beforeAll(async () => {
    lab = await createLab({ topology: "neighbour" });
    const lines = ["2", "3", "4"].map((last) => `addr add ${third(lab)}.20${last}/24 dev eth0`);
    await lab.scanner.run("ip", ["-batch", "-"], { input: `${lines.join("\n")}\n` });
    const { status, stderr } = await lab.host().run("nft", ["-f", "-"], { input: WATCH });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  });
  afterAll(() => lab?.dispose());

  test("all of them are used, and the route's own is not", async () => {
    const sources = `${third(lab)}.202-204`;
    await postern(lab.scanner, ["-sU", "-p", "9000-9039", "--source-addresses", sources, lab.host().ipv4]);
    const { stdout } = await lab.host().run("nft", ["-j", "list", "set", "ip", "watch", "seen"]);
    const seen = [...new Set(stdout.match(/\d+\.\d+\.\d+\.\d+/g))].sort();
    expect(seen).toEqual(["202", "203", "204"].map((last) => `${third(lab)}.${last}`));
  });

  test("a target of the other family is asked from the route's own address", async () => {
    const seen = await postern(lab.scanner, ["-sU", "-p9999", "--source-addresses", "127.0.0.1", "::1"]);
    expect(statesOf(onlyHost(seen))).toEqual({ 9999: "closed" });
  });
});

/** The first three bytes of the link's addresses. */
function third(lab: Lab): string {
  return lab.host().ipv4.split(".").slice(0, 3).join(".");
}
