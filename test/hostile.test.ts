// Forged, damaged, cut and repeated answers change nothing: they come from a peer that lies about every port.
import process from "node:process";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { firstWord } from "../lab/availability.js";
import { darkHost } from "../lab/hosts.js";
import { createLab, type Lab } from "../lab/network.js";
import { describeLab } from "../lab/vitest.js";
import { onlyHost, postern } from "./postern.js";
import { probeCounts, statesOf } from "./report.js";

const PEER = fileURLToPath(new URL("hostile-peer.mjs", import.meta.url));

/** 80 and 443 are open; the peer answers 90 and 91 truly and thrice, and lies about every other one. */
const PORTS = ["-p", "78-95,443"];
const TRUTH: Readonly<Record<number, string>> = {
  ...Object.fromEntries(Array.from({ length: 18 }, (_, index) => [78 + index, "filtered"])),
  80: "open",
  90: "open",
  91: "closed",
  443: "open",
};

describeLab("a peer that lies", () => {
  let lab: Lab;

  beforeAll(async () => {
    lab = await createLab({ topology: "neighbour", hosts: [darkHost([80, 443])] });
    const { stdout } = await lab.host().run("cat", ["/sys/class/net/eth0/ifindex"]);
    const peer = lab.host().spawn(process.execPath, [PEER, stdout.trim()]);
    await firstWord(peer, "the peer that lies", 10_000);
  });
  afterAll(() => lab?.dispose());

  test.each(["ring", "raw"])("is not believed: --transport %s", async (transport) => {
    const seen = await postern(lab.scanner, ["--reason", "--transport", transport, ...PORTS, lab.host().ipv4]);
    expect(statesOf(onlyHost(seen))).toEqual(TRUTH);
    expect(onlyHost(seen).ports.get(79)?.reason).toBe("no-response");
    expect(seen.stdout).not.toContain("lossy");
    const { answered } = probeCounts(seen.stdout);
    expect(answered).toBeLessThanOrEqual(5); // 80, 90, 91, 443, and ARP
  });

  test("cannot make a host out of an absent one", async () => {
    const seen = await postern(lab.scanner, ["-sn", "10.9.0.99"]);
    expect(seen.upAddresses).toEqual([]);
  });

  test("changes nothing in a scan of all ports, which it cannot even follow", async () => {
    const ports = ["-p-", "--exclude-ports", "90,91"];
    const seen = await postern(lab.scanner, [...ports, lab.host().ipv4], { timeoutMs: 50_000 });
    expect(statesOf(onlyHost(seen))).toEqual({ 80: "open", 443: "open" });
    expect(onlyHost(seen).lines).toContain("Not shown: 65531 filtered tcp ports (no-response)");
  });
});
