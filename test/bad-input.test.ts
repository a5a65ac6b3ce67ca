// What cannot be done is said in one clear line on standard error, with a documented status, and nothing is half done.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { NOBODY_UID, type RunOptions } from "../lab/machine.js";
import { createLab, type Lab } from "../lab/network.js";
import { describeLab } from "../lab/vitest.js";
import { onlyHost, runPostern } from "./postern.js";
import { statesOf } from "./report.js";

const USAGE = 255;
const FAILED = 1;

/** One line with what is wrong, and perhaps one, indented, with what to do. */
const CLEAR = /^postern: [^\n]+\n(?: {2}\S[^\n]*\n)?$/;

type Case = readonly [args: readonly string[], status: number, words: string, options?: RunOptions];

/** HOST stands for the address of a host that could be scanned: nothing of it may be. */
const HOST = "10.10.0.10";

const CASES: Readonly<Record<string, readonly Case[]>> = {
  "a target that cannot be read": [
    [["10.0.0.256"], USAGE, '"10.0.0.256": an octet is at most 255, not 256'],
    [["10.0.0.0/33"], USAGE, "from 0 to 32"],
    [["10.0.0.9-3"], USAGE, "10.0.0.9-3"],
    [["fd00::1::2"], USAGE, "fd00::1::2"],
    [["bad_host!"], USAGE, "bad_host!"],
    [[`${HOST}:`], USAGE, "has no port behind the colon"],
    [[HOST, "10.0.0.256"], USAGE, "10.0.0.256"],
    [["-iL", "-"], FAILED, 'standard input:2: "10.0.0.300"', { input: `${HOST}\n10.0.0.300\n` }],
    [["--exclude", "10.0.0.256", HOST], USAGE, "10.0.0.256"],
  ],
  "a port that cannot be read": [
    [["-p", "65536", HOST], USAGE, "65536: a port is at most 65535"],
    [["-p", "99999999999999999999", HOST], USAGE, "at most 65535"],
    [["-p", "100-20", HOST], USAGE, "100-20: the range runs backwards"],
    [["-p", "", HOST], USAGE, "-p needs a value"],
    [["-p", "22,,80", HOST], USAGE, "a port is missing"],
    [["-p", "-5-", HOST], USAGE, "-5-"],
    [["-p", "nosuchname", HOST], USAGE, 'no tcp service is named "nosuchname"'],
    [["-p", "80", "-p", "81", HOST], USAGE, "-p was given twice"],
    [["-p"], USAGE, "-p needs"],
    [[`${HOST}:99999`], USAGE, "a port is at most 65535"],
  ],
  "an empty list": [
    [["-p80"], USAGE, "no target was named"],
    [["-iL", "-"], FAILED, "standard input: there is no target in this list", { input: "# nothing\n\n" }],
    [["-iL", "/dev/null"], FAILED, "/dev/null: there is no target in this list"],
    [["-p80", "--exclude-ports", "1-100", HOST], USAGE, "no TCP port is left to scan"],
    [["-p80", "--exclude", HOST, HOST], FAILED, "no target is left to scan: all are excluded"],
  ],
  "an option that there is not": [
    [["--opne", HOST], USAGE, "unknown option --opne; did you mean --open?"],
    [["--max-rte=5", HOST], USAGE, "did you mean --max-rate?"],
    [["-z", HOST], USAGE, "unknown option -z"],
    [["--exclud", "x", HOST], USAGE, "--exclud is ambiguous"],
    [["-O", HOST], USAGE, "is not in this version"],
    [["--transport", "rong", HOST], USAGE, "did you mean ring?"],
  ],
  "two that exclude each other": [
    [["-sS", "-sT", HOST], USAGE, "-sS and -sT are two ways to scan TCP ports: choose one"],
    [["-sn", "-p80", HOST], USAGE, "-sn scans no ports"],
    [["-sn", "-Pn", HOST], USAGE, "choose one"],
    [["-F", "-p80", HOST], USAGE, "-F and -p both say which ports: choose one"],
    [["-sS", "--transport", "epoll", HOST], USAGE, "makes whole connections, and -sS does not"],
  ],
  "a number that is none": [
    [["--max-rate", "0", HOST], USAGE, "--max-rate needs"],
    [["--max-rate", "fast", HOST], USAGE, '"fast"'],
    [["--max-retries", "-1", HOST], USAGE, "--max-retries needs"],
    [["--top-ports", "0", HOST], USAGE, "--top-ports needs"],
    [["--seed", "x", HOST], USAGE, "--seed needs"],
  ],
  "a file that is not there": [
    [["-iL", "/no/such/file"], FAILED, "/no/such/file: there is no such file"],
    [["-iL", "/proc"], FAILED, "/proc: this is a directory"],
    [["--excludefile", "/no/such/file", HOST], FAILED, "/no/such/file: there is no such file"],
    [["-iL", "/etc/shadow"], FAILED, "/etc/shadow: this user may not read it", { uid: NOBODY_UID }],
  ],
  "not enough privilege": [
    [["-sS", HOST], FAILED, "a SYN scan (-sS) sends raw packets", { uid: NOBODY_UID }],
    [["--transport", "ring", HOST], FAILED, "--transport ring sends raw packets", { uid: NOBODY_UID }],
    [["-sS", "--privileged", HOST], FAILED, "EPERM", { uid: NOBODY_UID }],
  ],
  "an address outside of the scope": [
    [["8.8.8.8"], FAILED, "8.8.8.8 is neither private nor this machine's own"],
    [["-Pn", HOST, "8.8.8.8"], FAILED, "8.8.8.8 is neither"],
    [["-sn", "8.8.8.0/24"], FAILED, "8.8.8.0 is neither"],
    [["-sT", "8.8.8.8"], FAILED, "--authorized", { uid: NOBODY_UID }],
    [["2001:4860:4860::8888"], FAILED, "2001:4860:4860::8888 is neither"],
    [["::ffff:8.8.8.8"], FAILED, "8.8.8.8"],
    [["0.0.0.0/0"], FAILED, "--authorized"],
    [["--authorized", "192.0.2.0/24", "192.0.3.1"], FAILED, "192.0.3.1 is neither"],
    [["--authorized", "8.8.8.8", "8.8.8.9"], FAILED, "8.8.8.9 is neither"],
  ],
};

/** All that reaches the router is counted there, however it was sent; only the chatter of IPv6 itself is not. */
const COUNTER = `table netdev watch {
  chain arriving {
    type filter hook ingress device outside priority 0; policy accept;
    meta protocol ip counter
    meta protocol arp counter
    meta protocol ip6 meta l4proto tcp counter
  }
}
`;

/** A case with names, as vitest's titles want them. */
function named([args, status, words, options = {}]: Case) {
  return { title: args.join(" "), args, status, words, options };
}

async function arrived(lab: Lab): Promise<number> {
  const { stdout } = await lab.router.run("nft", ["list", "table", "netdev", "watch"]);
  return [...stdout.matchAll(/counter packets (\d+)/g)].reduce((sum, [, packets]) => sum + Number(packets), 0);
}

describeLab("bad input", () => {
  let lab: Lab;

  beforeAll(async () => {
    lab = await createLab({ topology: "routed" });
    // The way that packets to anywhere would take, up to a router that knows no further.
    await lab.scanner.run("ip", ["route", "add", "default", "via", "10.9.0.254"]);
    const { status, stderr } = await lab.router.run("nft", ["-f", "-"], { input: COUNTER });
    expect(`${status} ${stderr}`).toBe("0 ");
    // A public address (for documentation, RFC 5737) that belongs to a host of the lab.
    await lab.host("plain").run("ip", ["addr", "add", "192.0.2.7/32", "dev", "lo"]);
    await lab.router.run("ip", ["route", "add", "192.0.2.0/24", "via", lab.host("plain").ipv4]);
  });
  afterAll(() => lab?.dispose());

  describe.each(Object.entries(CASES))("%s", (_title, cases) => {
    test.each(cases.map(named))("$title ends with $status", async ({ args, status, words, options }) => {
      const before = await arrived(lab);
      const seen = await runPostern(lab.scanner, args, options);
      expect(seen.stderr).toMatch(CLEAR);
      expect(seen.stderr).toContain(words);
      expect({ status: seen.status, stdout: seen.stdout }).toEqual({ status, stdout: "" });
      expect((await arrived(lab)) - before).toBe(0); // nothing was sent
    });
  });

  test.each([["192.0.2.7"], ["192.0.2.0/24"], ["198.51.100.0/24,192.0.2.4/30"]])(
    "--authorized %s",
    async (networks) => {
      const before = await arrived(lab);
      const seen = await runPostern(lab.scanner, ["-p80,81", "--authorized", networks, "192.0.2.7"]);
      expect({ status: seen.status, stderr: seen.stderr }).toEqual({ status: 0, stderr: "" });
      expect(statesOf(onlyHost(seen))).toEqual({ 80: "open", 81: "closed" });
      expect(await arrived(lab)).toBeGreaterThan(before); // the counter works
    },
  );

  test.each(["-V", "--help"])("%s asks for nothing else", async (option) => {
    const seen = await runPostern(lab.scanner, [option, "10.0.0.256"]);
    expect({ status: seen.status, stderr: seen.stderr }).toEqual({ status: 0, stderr: "" });
    expect(seen.stdout).toMatch(/postern/);
  });
});

describeLab("no way to the target", () => {
  let lab: Lab;

  beforeAll(async () => {
    lab = await createLab({ topology: "routed" });
  });
  afterAll(() => lab?.dispose());

  const users = [
    ["root", {}],
    ["nobody", { uid: NOBODY_UID }],
  ] as const;

  test.each(users)("no route, as %s", async (_who, options) => {
    const seen = await runPostern(lab.scanner, ["-p80", "10.200.0.1"], options);
    expect(seen.stderr).toMatch(/^[^\n]*10\.200\.0\.1 cannot be reached: [^\n]*network is unreachable\n$/);
    expect(seen.stdout).not.toContain("-Pn"); // it would not help
    expect(seen.status).toBe(FAILED);
  });

  test("a name that cannot be resolved, and no other target", async () => {
    const seen = await runPostern(lab.scanner, ["-p80", "no-such-host.invalid"]); // no name server can be reached here
    expect(seen.stderr).toMatch(/^postern: [^\n]*no-such-host\.invalid cannot be resolved: [^\n]+\n$/);
    expect({ status: seen.status, stdout: seen.stdout }).toEqual({ status: FAILED, stdout: "" });
  });

  test("a name that cannot be resolved among good ones is warned of, and the others are scanned", async () => {
    const seen = await runPostern(lab.scanner, ["-p80", "no-such-host.invalid", HOST]);
    expect(seen.status).toBe(0);
    expect(seen.stderr).toMatch(/^Warning: no-such-host\.invalid cannot be resolved: [^\n]+\n$/);
    expect(statesOf(onlyHost(seen))).toEqual({ 80: "open" });
  });

  test("a name that is to be spared and cannot be resolved stops everything", async () => {
    const seen = await runPostern(lab.scanner, ["-p80", "--exclude", "no-such-host.invalid", HOST]);
    expect(seen.stderr).toMatch(/^postern: [^\n]*no-such-host\.invalid[^\n]* cannot be resolved: [^\n]+\n$/);
    expect({ status: seen.status, stdout: seen.stdout }).toEqual({ status: USAGE, stdout: "" });
  });

  test("no route to one of two: the other one is scanned", async () => {
    const seen = await runPostern(lab.scanner, ["-p80", "10.200.0.1", lab.host("plain").ipv4]);
    expect(seen.stderr).toMatch(/^Warning: 10\.200\.0\.1 cannot be reached: [^\n]*network is unreachable\n$/);
    expect(seen.upAddresses).toEqual([lab.host("plain").ipv4]);
    expect(seen.status).toBe(0);
  });

  test("no route for IPv6", async () => {
    if (!lab.hasIpv6) return;
    const seen = await runPostern(lab.scanner, ["-p80", "fd00:99::1"]);
    expect(seen.stderr).toMatch(/^[^\n]*fd00:99::1 cannot be reached: [^\n]*unreachable\n$/);
    expect(seen.status).toBe(FAILED);
  });

  test("the router is gone", async () => {
    await lab.router.run("ip", ["addr", "flush", "dev", "outside"]);
    await lab.scanner.run("ip", ["neigh", "flush", "all"]); // what the kernel knows of the router is believed
    const seen = await runPostern(lab.scanner, ["-p80", lab.host("plain").ipv4]);
    expect(seen.stderr).toMatch(/^[^\n]*its router 10\.9\.0\.254 on eth0 does not answer ARP\n$/);
    expect(seen.status).toBe(FAILED);
  });

  test("no carrier", async () => {
    await lab.router.run("ip", ["link", "set", "outside", "down"]);
    const seen = await runPostern(lab.scanner, ["-p80", "10.9.0.254"]);
    expect(seen.stderr).toMatch(/^[^\n]*10\.9\.0\.254 cannot be reached: interface eth0 has no carrier\n$/);
    expect(seen.status).toBe(FAILED);
  });

  test.each(users)("interface down, as %s", async (_who, options) => {
    await lab.scanner.run("ip", ["link", "set", "eth0", "down"]);
    const seen = await runPostern(lab.scanner, ["-p80", "10.9.0.254"], options);
    expect(seen.stderr).toMatch(/^[^\n]*10\.9\.0\.254 cannot be reached: [^\n]+\n$/);
    expect(seen.status).toBe(FAILED);
  });
});
