import { describe, expect, test } from "vitest";
import { procTrees } from "../inside/setting-tree.test.data.js";
import { UsageError } from "../model/errors.js";
import { keepConsole } from "./command-console.test.data.js";
import { kernelCommand } from "./kernel-command.js";

const tree = procTrees();

async function run(...words: readonly string[]): Promise<{ readonly status: number; readonly out: string }> {
  const { console, out } = keepConsole();
  const status = await kernelCommand.run(words, console);
  return { status, out: out() };
}

describe("--json", () => {
  test("has every setting, whatever it is", async () => {
    const root = tree({
      "kernel/osrelease": "6.12.1",
      "net/ipv4/tcp_syncookies": 0,
      "net/ipv4/tcp_rfc1337": "\u202e",
      "net/ipv4/conf/all/rp_filter": 0,
      "net/ipv4/conf/eth0.1/rp_filter": 2,
    });
    const { status, out } = await run("--json", "--proc", root);
    expect(status).toBe(0);
    expect(out).not.toMatch(/[^\n\P{Cc}]|\p{Cf}/u);
    const report = JSON.parse(out);
    expect(report).toMatchObject({
      format: "postern-kernel",
      formatVersion: 1,
      procRoot: root,
      release: "6.12.1",
      interfaces: ["eth0.1"],
      counts: { loose: 1, depends: 1, unread: 1, careful: 0 },
    });
    const of = (name: string) => report.settings.find((one: { name: string }) => one.name === name);
    expect(of("net.ipv4.conf.eth0/1.rp_filter")).toMatchObject({
      path: "net/ipv4/conf/IFACE/rp_filter",
      interface: "eth0.1",
      state: "judged",
      value: "2",
      own: "2",
      all: "0",
      verdict: "depends",
      isInEffect: true,
      changes: ["net.ipv4.conf.eth0/1.rp_filter=1"],
    });
    expect(of("net.ipv4.tcp_syncookies")).toMatchObject({ value: "0", own: null, verdict: "loose", interface: null });
    expect(of("net.ipv4.tcp_rfc1337")).toMatchObject({ state: "unknown", value: "\u202e", verdict: null });
    expect(of("net.ipv4.ip_forward")).toMatchObject({ state: "absent", value: null });
  });
});

test("a view ends with 0, whatever it shows", async () => {
  expect(await run("--proc", tree({ "net/ipv4/tcp_syncookies": 0 }))).toMatchObject({ status: 0 });
});

test.each([[["x"]], [["--nope"]], [["--interface"]], [["--json=1"]]])("%j cannot be understood", async (words) => {
  await expect(run(...words)).rejects.toThrow(UsageError);
});

test("without settings it cannot be done", async () => {
  await expect(run("--proc", "/nonexistent")).rejects.toMatchObject({ code: "system-call", exitStatus: 3 });
});
