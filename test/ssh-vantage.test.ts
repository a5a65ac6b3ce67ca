// Another host as a vantage point, by a real sshd between namespaces: what it says of ports is what the lab's rules make true,
// whichever of its programs asks.
import type { ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createLab, type Lab, type LabHost } from "../lab/network.js";
import { describeLab } from "../lab/vitest.js";
import { VERSION } from "../src/model/version.js";
import type { SshOrder, SshTold } from "./ask-by-ssh.js";
import { POSTERN } from "./postern.js";

const SCRIPT = fileURLToPath(new URL("ask-by-ssh.ts", import.meta.url));
const SSHD = "/usr/sbin/sshd";

/** One port a verdict: refused, dropped, and refused by the router in three ways. */
const WEB = {
  name: "web",
  summary: "what is asked for",
  tcp: [80, 90, 91, 92, 93],
  udp: [53, 90],
  udpSilent: [514],
  rules: [{ ports: [90], verdict: "drop" }] as const,
  routerRules: [
    { ports: [91], verdict: "admin-prohibited" },
    { ports: [92], verdict: "port-unreach" },
  ] as const,
};

const ROUTER = "10.10.0.254";
const ROUTER_IPV6 = "fd00:10::254";

describeLab("a vantage point by ssh", () => {
  let lab: Lab;
  let jump: LabHost;
  let web: LabHost;
  let folder: string;
  let config: string;
  beforeAll(async () => {
    lab = await createLab({ topology: "routed", hosts: [{ name: "jump", summary: "is asked from" }, WEB] });
    [jump, web] = [lab.host("jump"), lab.host("web")];
    folder = mkdtempSync(path.join(tmpdir(), "postern-sshd-"));
    config = await startSshd();
  });
  afterAll(async () => {
    await lab?.dispose();
    rmSync(folder, { recursive: true });
  });

  /** An sshd with its own keys and settings; returns the settings of a client that it lets in. */
  async function startSshd(): Promise<string> {
    const file = (name: string): string => path.join(folder, name);
    for (const key of ["host", "user"]) {
      expect(await jump.run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", file(key)])).toMatchObject({
        status: 0,
      });
    }
    mkdirSync(file("bin"));
    symlinkSync(POSTERN, file("bin/postern"));
    symlinkSync(process.execPath, file("bin/node"));
    writeFileSync(file("authorized"), readFileSync(file("user.pub")));
    writeFileSync(file("known"), `${jump.ipv4} ${readFileSync(file("host.pub"), "utf8")}`);
    writeFileSync(
      file("sshd_config"),
      `HostKey ${file("host")}
AuthorizedKeysFile ${file("authorized")}
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
PermitRootLogin yes
Subsystem sftp internal-sftp
SetEnv PATH=/usr/sbin:/usr/bin:/sbin:/bin:${file("bin")}
`,
    );
    writeFileSync(
      file("ssh_config"),
      `Host jump
  HostName ${jump.ipv4}
  User root
  IdentityFile ${file("user")}
  IdentitiesOnly yes
  UserKnownHostsFile ${file("known")}
  GlobalKnownHostsFile none
`,
    );
    mkdirSync("/run/sshd", { recursive: true, mode: 0o755 }); // where it wants to be able to lock itself in
    const child = jump.spawn(SSHD, ["-D", "-e", "-f", file("sshd_config")]);
    await firstError(child);
    return file("ssh_config");
  }

  async function ask(order: Omit<SshOrder, "host">): Promise<SshTold> {
    const words = ["--import", "tsx", SCRIPT, JSON.stringify({ host: "jump", configFile: config, ...order })];
    const done = await lab.scanner.run(process.execPath, words);
    expect(done).toMatchObject({ status: 0, stderr: "" });
    return JSON.parse(done.stdout);
  }

  /** The answers that are true whoever asks, of what a program sees that connects. */
  function truth(openReason: string, closedReason: string): readonly string[] {
    return [
      `${web.ipv4} tcp 80 open ${openReason} x1`,
      `${web.ipv4} tcp 81 closed ${closedReason} x1`,
      `${web.ipv4} tcp 90 filtered no-response x2`,
      `${web.ipv4} tcp 91 filtered admin-prohibited by ${ROUTER} x1`,
      `${web.ipv4} tcp 92 filtered port-unreach by ${ROUTER} x1`,
      `${web.ipv4} udp 514 open|filtered no-response x2`,
      `${web.ipv4} udp 53 open udp-response x1`,
      `${web.ipv4} udp 54 closed port-unreach x1`,
      ...(lab.hasIpv6
        ? [
            `${web.ipv6} tcp 80 open ${openReason} x1`,
            `${web.ipv6} tcp 91 filtered admin-prohibited by ${ROUTER_IPV6} x1`,
            `${web.ipv6} udp 54 closed port-unreach x1`,
          ]
        : []),
    ];
  }

  function allPorts(): SshOrder["ports"] {
    return [
      ...[80, 81, 90, 91, 92].map((port) => [web.ipv4, "tcp", port] as const),
      ...[53, 54, 514].map((port) => [web.ipv4, "udp", port] as const),
      ...(lab.hasIpv6
        ? (
            [
              ["tcp", 80],
              ["tcp", 91],
              ["udp", 54],
            ] as const
          ).map((one) => [web.ipv6, ...one] as const)
        : []),
    ];
  }

  test("with postern over there", async () => {
    const told = await ask({ ports: allPorts() });
    expect(told.answers).toEqual(truth("syn-ack", "reset"));
    expect(told).toMatchObject({ name: "ssh:jump", means: `postern ${VERSION}`, gaps: [] });
    expect(told.sources).toEqual(lab.hasIpv6 ? [jump.ipv4, jump.ipv6] : [jump.ipv4]);
  });

  test("with python3 over there, which sees ICMP errors and who sent them", async () => {
    const told = await ask({ only: ["python3"], ports: allPorts() });
    expect(told.answers).toEqual(truth("conn-accepted", "conn-refused"));
    expect(told).toMatchObject({ means: expect.stringMatching(/^python3 3\.\d+$/), gaps: [] });
  });

  test("with bash or nc over there, which see errors of the system", async () => {
    const ports = [80, 81, 91].map((port) => [web.ipv4, "tcp", port] as const);
    const [bash, nc] = await Promise.all([
      ask({ only: ["bash"], ports: [...ports, [web.ipv4, "udp", 53], [web.ipv4, "udp", 54]] }),
      ask({ only: ["nc"], ports: [...ports, [web.ipv4, "udp", 53]] }),
    ]);
    const tcp = [
      `${web.ipv4} tcp 80 open conn-accepted x1`,
      `${web.ipv4} tcp 81 closed conn-refused x1`,
      `${web.ipv4} tcp 91 filtered host-unreach x1`,
    ];
    const udp = [`${web.ipv4} udp 53 open udp-response x1`, `${web.ipv4} udp 54 closed port-unreach x1`];
    expect(bash).toMatchObject({ means: "bash /dev/tcp", answers: [...tcp, ...udp], gaps: [] });
    expect(nc.means).toMatch(/^nc \(\w+\), TCP only$/);
    expect(nc.answers).toEqual(tcp);
    expect(nc.gaps).toEqual([`udp 53 of ${web.ipv4}: nothing at the vantage point can ask for it`]);
  });

  test("nothing is sent that means another host over there, is outside the scope, or has no way", async () => {
    const seen = jump.spawn("tcpdump", ["-i", "any", "-nn", "-l", "port 7777"]);
    let packets = "";
    seen.stdout?.on("data", (chunk) => {
      packets += String(chunk);
    });
    const places = ["10.99.1.1", "127.0.0.1", "0.0.0.0", "192.0.2.9", "::1", "fe80::1%eth0", "fe80::1"];
    const told = await ask({ ports: places.map((address) => [address, "tcp", 7777] as const) });
    expect(told.answers).toEqual([]);
    expect(told.gaps.map((gap) => gap.split(" ")[3]?.replace(/:$/, "")).sort()).toEqual([...places].sort());
    expect(packets).toBe("");
  });
});

/** sshd says on its standard error where it listens. */
function firstError(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = "";
    child.stderr?.on("data", (chunk) => {
      said += String(chunk);
      if (said.includes("Server listening")) resolve();
    });
    child.once("exit", () => reject(new Error(`sshd has ended: ${said}`)));
  });
}
