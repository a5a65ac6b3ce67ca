import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { SystemCallError, UsageError } from "../model/errors.js";
import { readKernelSettings, type SettingReport } from "./read-kernel-settings.js";
import { procTrees } from "./setting-tree.test.data.js";

const tree = procTrees();

/** The reports of one setting, by its path in the table. */
function reportsOf(settings: Readonly<Record<string, string | number>>, setting: string, only?: string) {
  return pick(readKernelSettings(tree(settings), only).reports, setting);
}

function pick(reports: readonly SettingReport[], setting: string): readonly SettingReport[] {
  return reports.filter((report) => report.setting.path === setting);
}

/** What one interface gets, with what is in conf/all, in its own folder, and whether it forwards. */
function onEth0(family: 4 | 6, leaf: string, all: number, own: number, forwards = 0) {
  const conf = `net/ipv${family}/conf`;
  const settings = {
    [`${conf}/all/${leaf}`]: all,
    [`${conf}/eth0/${leaf}`]: own,
    [`${conf}/eth0/forwarding`]: forwards,
  };
  const [report] = reportsOf(settings, `${conf}/IFACE/${leaf}`, "eth0");
  return report;
}

describe("what an interface gets of conf/all and its own", () => {
  test.each<[what: string, family: 4 | 6, leaf: string, all: number, own: number, forwards: number, value: string]>([
    ["max: rp_filter", 4, "rp_filter", 0, 0, 0, "0"],
    ["max: rp_filter of all", 4, "rp_filter", 1, 0, 0, "1"],
    ["max: looser own wins", 4, "rp_filter", 1, 2, 0, "2"],
    ["and: source routes, as kernels come", 4, "accept_source_route", 0, 1, 0, "0"],
    ["and: source routes", 4, "accept_source_route", 1, 1, 0, "1"],
    ["or: route_localnet of all", 4, "route_localnet", 1, 0, 0, "1"],
    ["or: route_localnet", 4, "route_localnet", 0, 1, 0, "1"],
    ["redirects of a host: either", 4, "accept_redirects", 1, 0, 0, "1"],
    ["redirects of a host: none", 4, "accept_redirects", 0, 0, 0, "0"],
    ["redirects of a router: both", 4, "accept_redirects", 1, 1, 1, "1"],
    ["redirects of a router: one is not enough", 4, "accept_redirects", 1, 0, 1, "0"],
    ["IPv6 redirects: all has no say", 6, "accept_redirects", 0, 1, 0, "1"],
    ["IPv6 redirects: a router takes none", 6, "accept_redirects", 1, 1, 1, "0"],
    ["router advertisements of a host", 6, "accept_ra", 0, 1, 0, "1"],
    ["router advertisements of a router", 6, "accept_ra", 1, 1, 1, "0"],
    ["router advertisements of a router that wants them", 6, "accept_ra", 0, 2, 1, "2"],
    ["min: IPv6 source routes", 6, "accept_source_route", -1, 0, 0, "-1"],
    ["min: segment routing", 6, "seg6_enabled", 0, 1, 0, "0"],
    ["own: autoconf", 6, "autoconf", 0, 1, 0, "1"],
  ])("%s", (_what, family, leaf, all, own, forwards, value) => {
    expect(onEth0(family, leaf, all, own, forwards)).toMatchObject({ state: "judged", value });
  });
});

describe("what to set", () => {
  test.each<[family: 4 | 6, leaf: string, all: number, own: number, forwards: number, changes: readonly string[]]>([
    [4, "rp_filter", 0, 0, 0, ["net.ipv4.conf.all.rp_filter=1"]],
    [4, "rp_filter", 0, 2, 0, ["net.ipv4.conf.eth0.rp_filter=1"]],
    [4, "rp_filter", 2, 2, 0, ["net.ipv4.conf.all.rp_filter=1", "net.ipv4.conf.eth0.rp_filter=1"]],
    [4, "accept_source_route", 1, 1, 0, ["net.ipv4.conf.all.accept_source_route=0"]],
    [4, "route_localnet", 0, 1, 0, ["net.ipv4.conf.eth0.route_localnet=0"]],
    [4, "route_localnet", 1, 0, 0, ["net.ipv4.conf.all.route_localnet=0"]],
    [4, "route_localnet", 1, 1, 0, ["net.ipv4.conf.all.route_localnet=0", "net.ipv4.conf.eth0.route_localnet=0"]],
    [4, "accept_redirects", 1, 1, 1, ["net.ipv4.conf.all.accept_redirects=0"]],
    [6, "accept_redirects", 0, 1, 0, ["net.ipv6.conf.eth0.accept_redirects=0"]],
    [4, "rp_filter", 1, 0, 0, []],
  ])("IPv%d %s, all %d, own %d, forwarding %d", (family, leaf, all, own, forwards, changes) => {
    expect(onEth0(family, leaf, all, own, forwards)).toMatchObject({ changes });
  });
});

describe("values are judged in context", () => {
  test("an interface that does not forward sends no redirects", () => {
    expect(onEth0(4, "send_redirects", 1, 1, 0)).toMatchObject({ verdict: "careful", isInEffect: false });
    expect(onEth0(4, "send_redirects", 1, 1, 1)).toMatchObject({ verdict: "depends", isInEffect: true });
  });

  test("secure_redirects matters where redirects are taken and the medium is not shared", () => {
    const conf = "net/ipv4/conf";
    const settings = { shared_media: 0, secure_redirects: 0, forwarding: 0 };
    const both = (accept: number) =>
      Object.fromEntries(
        ["all", "eth0"].flatMap((name) =>
          Object.entries({ ...settings, accept_redirects: accept }).map(([leaf, value]) => [
            `${conf}/${name}/${leaf}`,
            value,
          ]),
        ),
      );
    const path_ = `${conf}/IFACE/secure_redirects`;
    expect(reportsOf(both(1), path_, "eth0")).toMatchObject([{ verdict: "loose", isInEffect: true }]);
    expect(reportsOf(both(0), path_, "eth0")).toMatchObject([{ verdict: "careful", isInEffect: false }]);
  });

  test("forwarding depends on what the machine is for", () => {
    const [report] = reportsOf({ "net/ipv4/ip_forward": 1 }, "net/ipv4/ip_forward");
    expect(report).toMatchObject({ verdict: "depends", value: "1", changes: ["net.ipv4.ip_forward=0"] });
  });

  test("an interface without IPv6 takes no redirects by it", () => {
    const settings = { "net/ipv6/conf/eth0/accept_redirects": 1, "net/ipv6/conf/eth0/disable_ipv6": 1 };
    expect(reportsOf(settings, "net/ipv6/conf/IFACE/accept_redirects", "eth0")).toMatchObject([
      { verdict: "careful", isInEffect: false },
    ]);
    expect(reportsOf(settings, "net/ipv6/conf/IFACE/disable_ipv6", "eth0")).toMatchObject([{ isInEffect: true }]);
  });

  test("addresses of other links are hidden where there are other links", () => {
    const settings = { "net/ipv4/conf/all/arp_ignore": 0, "net/ipv4/conf/eth0/arp_ignore": 0 };
    const leaf = "net/ipv4/conf/IFACE/arp_ignore";
    expect(reportsOf(settings, leaf, "eth0")).toMatchObject([{ verdict: "careful", isInEffect: false }]);
    const two = { ...settings, "net/ipv4/conf/eth1/arp_ignore": 0 };
    expect(reportsOf(two, leaf, "eth0")).toMatchObject([{ verdict: "depends", isInEffect: true }]);
  });

  test("a table of connections is careful as long as there is room", () => {
    const at = (count: number) => ({
      "net/netfilter/nf_conntrack_max": 1000,
      "net/netfilter/nf_conntrack_count": count,
    });
    const path_ = "net/netfilter/nf_conntrack_max";
    expect(reportsOf(at(900), path_)).toMatchObject([{ verdict: "careful" }]);
    expect(reportsOf(at(901), path_)).toMatchObject([{ verdict: "loose", changes: [] }]);
  });

  test.each<[setting: string, value: string, verdict: string]>([
    ["net/ipv4/tcp_fastopen", "1", "careful"],
    ["net/ipv4/tcp_fastopen", "3", "depends"],
    ["net/ipv4/tcp_fastopen", "515", "loose"],
    ["net/ipv4/tcp_timestamps", "0", "depends"],
    ["net/ipv4/tcp_timestamps", "2", "loose"],
    ["net/ipv4/tcp_challenge_ack_limit", "100", "loose"],
    ["net/ipv4/tcp_challenge_ack_limit", "1000", "depends"],
    ["net/ipv4/tcp_challenge_ack_limit", "2147483647", "careful"],
    ["net/ipv4/ip_local_port_range", "32768\t60999", "careful"],
    ["net/ipv4/ip_local_port_range", "61000\t61999", "loose"],
    ["net/ipv4/icmp_ratelimit", "0", "loose"],
    ["net/ipv4/icmp_ratemask", "6168", "careful"],
    ["net/ipv4/icmp_ratemask", "2048", "loose"],
    ["net/ipv6/icmp/ratemask", "0-1,3-127", "careful"],
    ["net/ipv6/icmp/ratemask", "1,3-4", "careful"],
    ["net/ipv6/icmp/ratemask", "3-127", "loose"],
  ])("%s with %s is %s", (setting, value, verdict) => {
    expect(reportsOf({ [setting]: value }, setting)).toMatchObject([{ state: "judged", verdict }]);
  });
});

describe("what is not there, or not to be read, is said", () => {
  test("a setting that this kernel does not have", () => {
    expect(reportsOf({}, "net/ipv4/tcp_syncookies")).toMatchObject([{ state: "absent", interfaceName: undefined }]);
    expect(reportsOf({}, "net/ipv6/conf/IFACE/accept_ra")).toMatchObject([
      { state: "absent", interfaceName: undefined, name: "net.ipv6.conf.IFACE.accept_ra" },
    ]);
  });

  test("one interface without IPv6 has no part of its settings", () => {
    const settings = { "net/ipv4/conf/tun0/forwarding": 0, "net/ipv6/conf/eth0/accept_ra": 0 };
    const reports = reportsOf(settings, "net/ipv6/conf/IFACE/accept_ra");
    expect(reports.map(({ interfaceName }) => interfaceName)).toEqual(["eth0"]);
  });

  test("what is no file, or a link, is not read", () => {
    const root = tree({ "net/ipv4/tcp_rfc1337": 1 });
    const ipv4 = path.join(root, "sys/net/ipv4");
    mkdirSync(path.join(ipv4, "tcp_syncookies"));
    execFileSync("sh", ["-c", 'mkfifo "$0"', path.join(ipv4, "ip_forward")]);
    symlinkSync("tcp_rfc1337", path.join(ipv4, "tcp_timestamps"));
    const { reports } = readKernelSettings(root);
    const codeOf = (setting: string) =>
      pick(reports, setting).map((one) => (one.state === "unreadable" ? one.code : one.state));
    expect(codeOf("net/ipv4/tcp_syncookies")).toEqual(["ENOTREG"]);
    expect(codeOf("net/ipv4/ip_forward")).toEqual(["ENOTREG"]);
    expect(codeOf("net/ipv4/tcp_timestamps")).toEqual(["ELOOP"]);
    expect(codeOf("net/ipv4/tcp_rfc1337")).toEqual(["judged"]);
  });

  test("a combined value of which one half cannot be read is not guessed", () => {
    const root = tree({ "net/ipv4/conf/eth0/rp_filter": 1 });
    mkdirSync(path.join(root, "sys/net/ipv4/conf/all/rp_filter"), { recursive: true });
    const reports = pick(readKernelSettings(root).reports, "net/ipv4/conf/IFACE/rp_filter");
    expect(reports).toMatchObject([{ state: "unreadable", code: "ENOTREG", interfaceName: "eth0" }]);
  });

  test.each(["", "yes", "1 2 x", "99999999999999999999", "\x1b[31m1"])("text that no kernel writes: %j", (text) => {
    expect(reportsOf({ "net/ipv4/tcp_syncookies": text }, "net/ipv4/tcp_syncookies")).toMatchObject([
      { state: "unknown" },
    ]);
  });

  test("a file without end is not read to its end", () => {
    const root = tree({});
    mkdirSync(path.join(root, "sys/net/ipv4"));
    writeFileSync(path.join(root, "sys/net/ipv4/tcp_syncookies"), "1 ".repeat(1_000_000));
    const reports = pick(readKernelSettings(root).reports, "net/ipv4/tcp_syncookies");
    expect(reports).toMatchObject([{ state: "unreadable", code: "EFBIG" }]);
  });

  test("no tree at all", () => {
    expect(() => readKernelSettings("/nonexistent")).toThrow(SystemCallError);
  });
});

describe("interfaces", () => {
  const conf = "net/ipv4/conf";

  test("loopback is left out unless it is asked for", () => {
    const settings = {
      [`${conf}/lo/forwarding`]: 1,
      [`${conf}/eth0/forwarding`]: 0,
      [`${conf}/default/forwarding`]: 0,
    };
    const names = (only?: string) =>
      reportsOf(settings, `${conf}/IFACE/forwarding`, only).map((one) => one.interfaceName);
    expect(names()).toEqual(["eth0", "default"]);
    expect(names("lo")).toEqual(["lo"]);
    expect(names("default")).toEqual(["default"]);
  });

  test("dots in a name are slashes for sysctl, and odd names stay what they are", () => {
    const settings = { [`${conf}/eth0.100/forwarding`]: 1, [`${conf}/$&\x1b[2J/forwarding`]: 1 };
    const reports = reportsOf(settings, `${conf}/IFACE/forwarding`);
    expect(reports).toMatchObject([
      { interfaceName: "$&\x1b[2J", name: "net.ipv4.conf.$&\x1b[2J.forwarding" },
      { interfaceName: "eth0.100", changes: ["net.ipv4.conf.eth0/100.forwarding=0"] },
    ]);
  });

  test.each(["eth9", "..", "../..", "all", ""])("%j is no interface", (only) => {
    const root = tree({ [`${conf}/eth0/forwarding`]: 0, [`${conf}/all/forwarding`]: 0 });
    expect(() => readKernelSettings(root, only)).toThrow(UsageError);
  });
});
