import { describe, expect, test } from "vitest";
import { readKernelSettings } from "../inside/read-kernel-settings.js";
import { procTrees } from "../inside/setting-tree.test.data.js";
import { countSettings } from "./kernel-counts.js";
import { kernelText } from "./kernel-text.js";

const tree = procTrees();

const CONF = "net/ipv4/conf";
const MIXED = {
  "kernel/osrelease": "6.12.1",
  "kernel/unprivileged_bpf_disabled": 2,
  "net/ipv4/ip_forward": 1,
  "net/ipv4/tcp_syncookies": "on",
  [`${CONF}/all/rp_filter`]: 0,
  [`${CONF}/eth0/rp_filter`]: 0,
  [`${CONF}/eth1.5/rp_filter`]: 2,
  [`${CONF}/default/rp_filter`]: 0,
};

function shown(settings: Readonly<Record<string, string | number>>, columns = 80, isAll = false): string {
  return kernelText(readKernelSettings(tree(settings)), { columns, isAll, isOwn: true });
}

test("what is not careful comes first, with what to set", () => {
  expect(shown(MIXED)).toMatchInlineSnapshot(`
    "Network settings of Linux 6.12.1, in the network namespace that this command
    runs in.
    Interfaces: eth0, eth1.5. "default" stands for those to come; lo is left out.

    Loose: give an attacker what hardly any machine needs to give (1)

    SETTING                       VALUE CAREFUL
    net.ipv4.conf.IFACE.rp_filter 0     1
        eth0, default: Without the check, packets come in whose source lies behind
        another interface: a forged address passes rules that trust it. 1 asks for
        the same interface; 2 only for any route back, for machines whose ways there
        and back differ. IPv6 has no such setting: there the firewall must check
        (nft \`fib\`).
        What counts: the larger one of conf/all and the interface's own.
        set net.ipv4.conf.all.rp_filter=1

    Depend on what the machine is for (2)

    SETTING                       VALUE CAREFUL
    net.ipv4.ip_forward           1     0
        A machine that forwards is a way into every network it has a leg in, for
        whoever can send it a packet. Routers, VPN gateways and hosts of containers
        and virtual machines need it; then the forward chain of the firewall is a
        front door.
        set net.ipv4.ip_forward=0
    net.ipv4.conf.IFACE.rp_filter 2     1
        eth1.5: Without the check, packets come in whose source lies behind another
        interface: a forged address passes rules that trust it. 1 asks for the same
        interface; 2 only for any route back, for machines whose ways there and back
        differ. IPv6 has no such setting: there the firewall must check (nft \`fib\`).
        What counts: the larger one of conf/all and the interface's own.
        set net.ipv4.conf.eth1/5.rp_filter=1

    Not known: could not be read, or not understood (1)

    SETTING                 VALUE              CAREFUL
    net.ipv4.tcp_syncookies not understood: on 1
        Without cookies a flood of SYNs with forged sources fills the queue, and
        nobody else gets in. 2 sends them always, for tests.

    1 careful setting, and 85 that are not there: --all shows them.
    "
  `);
});

test("careful settings and those that are not there are shown on request", () => {
  const text = shown(MIXED, 80, true);
  expect(text).toContain(
    "\nCareful (1)\n\nSETTING                          VALUE CAREFUL\nkernel.unprivileged_bpf_disabled 2     1 or 2\n",
  );
  expect(text).toContain("\nnet.ipv4.conf.IFACE.accept_local\n");
});

test.each([50, 64, 80, 110, 500])("with %d columns no line is wider, but where one word is", (columns) => {
  const most = Math.min(columns, 110);
  const wide = shown(MIXED, columns, true)
    .split("\n")
    .filter((line) => line.length > most && line.trim().includes(" ") && !line.includes("    set "));
  expect(wide).toEqual([]);
});

describe("text from outside", () => {
  test("cannot steer the terminal", () => {
    const text = shown({
      "kernel/osrelease": "6.1\x1b[31m",
      "net/ipv4/tcp_syncookies": "\x1b]0;x\x07\u202e1",
      [`${CONF}/a\x1b[2J\nb/rp_filter`]: 0,
      [`${CONF}/all/rp_filter`]: 0,
    });
    expect(text).not.toMatch(/[^\n\P{Cc}]|\u202e/u);
    expect(text).toContain("Linux 6.1\\x1b[31m,");
    expect(text).toContain("a\\x1b[2J\\x0ab");
    expect(text).toContain("not understood: \\x1b]0;x\\x07\\u202e1");
  });

  test("hundreds of interfaces take no more room than a few", () => {
    const names = Array.from({ length: 300 }, (_none, index) => `veth${index}`);
    const settings = Object.fromEntries(names.map((name) => [`${CONF}/${name}/route_localnet`, 1]));
    const text = shown({ ...settings, [`${CONF}/all/route_localnet`]: 0 });
    expect(text).toContain("veth0, veth1, veth10, veth100, veth101, veth102 and 294 more: Packets");
    expect(text).toContain("    and 296 more settings of the same kind\n");
  });
});

test("a setting counts once, as what is worst of its interfaces", () => {
  const counts = countSettings(readKernelSettings(tree(MIXED)));
  expect(counts).toMatchObject({ loose: 1, depends: 1, unread: 1, careful: 1 });
});
