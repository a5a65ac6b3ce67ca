// `postern kernel` in a namespace of its own: what the kernel is told there is what it shows, and what it says to set is careful.
import { afterAll, beforeAll, expect, test } from "vitest";
import { createLab, type Lab } from "../lab/network.js";
import { describeLab } from "../lab/vitest.js";
import { POSTERN } from "./postern.js";

interface Setting {
  readonly name: string;
  readonly value: string | null;
  readonly verdict: string | null;
  readonly changes: readonly string[];
}

/** Settings that are loose, and that a namespace may set whoever owns it. */
const LOOSE: readonly (readonly [name: string, value: string])[] = [
  ["net/ipv4/conf/all/route_localnet", "1"],
  ["net/ipv4/conf/eth0/accept_redirects", "1"],
  ["net/ipv4/conf/eth0/rp_filter", "0"],
  ["net/ipv4/conf/all/rp_filter", "0"],
  ["net/ipv4/icmp_echo_ignore_broadcasts", "0"],
  ["net/ipv4/tcp_syncookies", "0"],
  ["net/ipv4/ip_local_port_range", "50000 50999"],
];

describeLab("postern kernel", () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await createLab({ topology: "neighbour" });
  });
  afterAll(() => lab.dispose());

  /** Writes settings in the namespace, as sysctl does. */
  async function set(settings: readonly (readonly [path: string, value: string])[]): Promise<void> {
    const script = 'while [ $# -gt 0 ]; do echo "$2" > "/proc/sys/$1"; shift 2; done';
    const done = await lab.scanner.run("sh", ["-ec", script, "sh", ...settings.flat()]);
    expect(done).toMatchObject({ status: 0, stderr: "" });
  }

  /** Of those that are the namespace's own: others are the machine's, and none of a test's business. */
  async function looseOnes(): Promise<readonly Setting[]> {
    const done = await lab.scanner.run(POSTERN, ["kernel", "--json"]);
    expect(done).toMatchObject({ status: 0, stderr: "" });
    const { settings }: { readonly settings: readonly Setting[] } = JSON.parse(done.stdout);
    return settings.filter(({ name, verdict }) => verdict === "loose" && /^net\.ipv[46]\./.test(name));
  }

  test("shows what is set, and what it says to set is careful", async () => {
    await set(LOOSE);
    const before = await looseOnes();
    const find = (name: string) => before.find((setting) => setting.name === name);
    expect(find("net.ipv4.conf.eth0.route_localnet")).toMatchObject({ value: "1" });
    expect(find("net.ipv4.conf.eth0.accept_redirects")).toMatchObject({ value: "1" });
    expect(find("net.ipv4.conf.eth0.rp_filter")).toMatchObject({
      value: "0",
      changes: ["net.ipv4.conf.all.rp_filter=1"],
    });
    expect(find("net.ipv4.icmp_echo_ignore_broadcasts")).toMatchObject({ value: "0" });
    expect(find("net.ipv4.tcp_syncookies")).toMatchObject({ value: "0" });
    expect(find("net.ipv4.ip_local_port_range")).toMatchObject({ value: "50000 50999" });

    const changes = [...new Set(before.flatMap((setting) => setting.changes))].map((change) => {
      const [name = "", value = ""] = change.split("=");
      return [name.replaceAll(".", "/"), value] as const;
    });
    await set(changes);
    const left = await looseOnes();
    expect(left.map(({ name }) => name)).toEqual([]);
  });

  test("without rights it says what it could not read, and goes on", async () => {
    const done = await lab.scanner.run(POSTERN, ["kernel", "--all"], { uid: 65_534 });
    expect(done).toMatchObject({ status: 0, stderr: "" });
    expect(done.stdout).toContain("Careful (");
  });
});
