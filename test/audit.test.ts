// `postern audit` of a host with a fault of every kind, from a namespace beside it: those findings and no other; and with the
// faults mended, none. The lab's router plays "this machine"; what could be a container is behind it.
import type { ChildProcess } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, realpathSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { firstWord } from "../lab/availability.js";
import { createLab, type Lab } from "../lab/network.js";
import { hasSshServer, type SshServer, startSshServer } from "../lab/ssh-server.js";
import { describeLab } from "../lab/vitest.js";
import type { AuditReport } from "../src/model/audit-report.js";

const POSTERN = fileURLToPath(new URL("../bin/postern", import.meta.url));
const SERVICES = fileURLToPath(new URL("overview-services.mjs", import.meta.url));
const FAULTS = fileURLToPath(new URL("audit-faults.py", import.meta.url));
const [OWN, OWN_IPV6, EXTRA] = ["10.9.0.254", "fd00:9::254", "10.9.0.253"];

/** Where a rule would lead a probe: nobody has said that it may be probed. */
const STRANGER = "203.0.113.77";

const RULES = `
table inet host {
  chain led {
    type nat hook prerouting priority dstnat
    ip daddr ${OWN} tcp dport 8080 dnat ip to 10.10.0.10:80
    ip daddr ${OWN} tcp dport 8081 dnat ip to 10.10.0.10:80
    ip daddr ${OWN} tcp dport 8082 dnat ip to ${STRANGER}:80
    ip daddr ${OWN} tcp dport 6379 dnat ip to 127.0.0.1:6379
    ip daddr ${EXTRA} tcp dport 1-65535 dnat ip to ${OWN}:7777
  }
  chain strangers {
    type filter hook postrouting priority filter;
    ip daddr ${STRANGER} counter
  }
  chain input {
    type filter hook input priority filter; policy drop;
    tcp dport 2222 drop
    ct state established,related accept
    iifname "lo" accept
    meta l4proto { icmp, ipv6-icmp } accept
    tcp dport { 22, 443, 1001, 8443 } accept
    ip daddr { ${OWN}, 127.0.0.1 } tcp dport { 23, 1002, 1003, 6379, 7777, 8081 } accept
    meta nfproto ipv6 tcp dport 9000 accept
    udp dport 514 accept
  }
}
`;
const MENDED = `
table inet host {
  chain input {
    type filter hook input priority filter; policy drop;
    ct state established,related accept
    iifname "lo" accept
    meta l4proto { icmp, ipv6-icmp } accept
    tcp dport 443 accept
  }
}
`;
const MENDED_POLICY = `
exclude: [10.10.0.254, "fd00:10::254"]
expect:
  host: { hosts: [${OWN}, "${OWN_IPV6}"], open: [tcp/443] }
`;
const POLICY = `
exclude: [10.10.0.254, "fd00:10::254"]
expect:
  host:
    hosts: ${OWN}
    open:
      - { ports: tcp/22, process: sshd }
      - { ports: [tcp/443, tcp/1002, tcp/1003, tcp/7777] }
      - { ports: tcp/444, why: the shop }
      - { ports: tcp/2222, from: 172.31.0.0/16, why: the old office }
  others:
    hosts: ["${OWN_IPV6}", ${EXTRA}]
    open: [tcp/443]
`;

/** Where the host is asked from: beside it, and from its neighbour where there is an sshd. */
function placesHere(): readonly string[] {
  return hasSshServer() ? ["self", "ssh:lab"] : ["self"];
}

describeLab("postern audit of a host with faults", () => {
  let lab: Lab;
  let folder: string;
  let server: SshServer | undefined;
  let sshConfigFile = "/dev/null";
  const children: ChildProcess[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), "postern-audit-"));
    const web = { name: "web", summary: "could be a container", tcp: [80] };
    lab = await createLab({ topology: "routed", hosts: [web] });
    await lab.host().run("sh", ["-c", "ip route add default via 10.10.0.254"]);
    writeFileSync(path.join(folder, "postern.yaml"), POLICY);
    if (hasSshServer()) {
      server = await startSshServer(lab.scanner, { address: "10.9.0.1", programs: { python3: "/usr/bin/python3" } });
      sshConfigFile = server.configFile;
    }
  });
  afterAll(async () => {
    await lab?.dispose();
    server?.[Symbol.dispose]();
    if (folder !== undefined) rmSync(folder, { recursive: true });
  });

  async function mustRun(script: string, input?: string): Promise<string> {
    const { status, stderr, stdout } = await lab.router.run("sh", ["-c", script], input === undefined ? {} : { input });
    expect({ script, status, stderr }).toEqual({ script, status: 0, stderr: "" });
    return stdout;
  }

  async function audit(
    ...words: readonly string[]
  ): Promise<{ report: AuditReport; status: number | null; stderr: string }> {
    const args = ["audit", "--scope", path.join(folder, "postern.yaml"), "--json", ...words];
    const { stdout, status, stderr } = await lab.router.run(POSTERN, args);
    return { report: JSON.parse(stdout), status, stderr };
  }

  test("finds each planted fault, and nothing else", async () => {
    const python = path.join(folder, "perl"); // a program with another name, whose file goes
    copyFileSync(realpathSync("/usr/bin/python3"), python);
    await mustRun(
      `ip addr add ${EXTRA}/24 dev outside; sysctl -qw net.ipv4.conf.outside.route_localnet=1; ip route add default via 10.9.0.1; ip -6 route add default via fd00:9::1`,
    );
    const listeners = {
      tcp: [
        ["0.0.0.0", 22],
        ["0.0.0.0", 23],
        ["0.0.0.0", 5433],
        ["127.0.0.1", 6379],
        ["0.0.0.0", 7777],
        ["0.0.0.0", 9000],
        ["::", 9000],
        ["0.0.0.0", 443],
        ["::", 443],
      ],
    };
    children.push(
      lab.router.spawn(process.execPath, [SERVICES, JSON.stringify(listeners)]),
      lab.router.spawn("/usr/bin/python3", [FAULTS, "full", "1001", "nobody", "1003", "silent", "514", "held", "2222"]),
      lab.router.spawn(python, [FAULTS, "gone", "1002"]),
    );
    await Promise.all(children.map((child) => firstWord(child, "services", 20_000)));
    unlinkSync(python);
    const session = lab.scanner.spawn("/usr/bin/python3", [
      "-c",
      `import socket,sys; s=socket.create_connection(("${OWN}",2222)); print("ready", flush=True); sys.stdin.read()`,
    ]);
    await firstWord(session, "session", 20_000);
    await mustRun("nft -f -", RULES);
    await mustRun("iptables-legacy -A INPUT -p tcp --dport 1 -j DROP");
    const places = placesHere();
    const { report, status } = await audit("--from", places.join(","), "--ssh-config", sshConfigFile);
    const [host] = report.hosts;
    expect(host?.vantages.map(({ name }) => name)).toEqual(places);
    const found = host?.findings.map(({ key, place }) => `${key}@${place.replace(host.name, "HOST")}`).sort();
    expect(found).toEqual([
      `answers-everything@${EXTRA}`,
      "could-not-look@HOST",
      "deleted-binary@HOST/tcp/1002",
      `intended-not-reachable@${OWN}/tcp/444`,
      "let-in-nothing-listens@HOST/tcp/8443",
      `listening-blocked@${OWN}/tcp/5433`,
      `listening-blocked@${OWN}/tcp/9000`,
      `loopback-reachable@${OWN}/tcp/6379`,
      `old-session-kept@${OWN}/tcp/2222`,
      `open-not-intended@${OWN}/tcp/23`,
      `open-nothing-listens@${OWN}/tcp/8081`,
      "owner-unknown@HOST/tcp/1003",
      `published-around-firewall@${OWN}/tcp/8080`,
      `reachable-on-ipv6-only@${OWN_IPV6}/tcp/9000`,
      "rules-in-other-back-end@HOST",
      "service-mismatch@HOST/tcp/22",
      `silent-though-let-in@${OWN}/tcp/1001`,
      "udp-silent@HOST/udp/514",
    ]);
    expect(status).toBe(1);
    const unseen = host?.findings.find(({ key }) => key === "could-not-look");
    expect(unseen?.evidence).toEqual([
      `8082/tcp of ${OWN}: address translation leads it to a host that is outside of the scope`,
    ]);
    expect(await mustRun("nft list chain inet host strangers")).toContain("counter packets 0 bytes 0");
    expect((host?.probeCount ?? 0) / ((host?.rows.length ?? 1) * places.length)).toBeLessThanOrEqual(1.1);
  });

  test("finds nothing where the faults are mended", async () => {
    for (const child of children.splice(0)) child.kill();
    const services = lab.router.spawn(process.execPath, [
      SERVICES,
      JSON.stringify({
        tcp: [
          ["0.0.0.0", 443],
          ["::", 443],
        ],
      }),
    ]);
    await firstWord(services, "services", 20_000);
    await mustRun(`nft flush ruleset; iptables-legacy -F; ip addr del ${EXTRA}/24 dev outside`);
    await mustRun("nft -f -", MENDED);
    writeFileSync(path.join(folder, "postern.yaml"), MENDED_POLICY);
    const { report, status } = await audit("--from", placesHere().join(","), "--ssh-config", sshConfigFile);
    expect(report.hosts[0]?.findings).toEqual([]);
    expect(status).toBe(0);
  });

  test("a place that cannot be had is told, and the others are asked", async () => {
    const { report, status } = await audit("--from", "self,ssh:nobody-there", "--ssh-config", sshConfigFile);
    const [host] = report.hosts;
    expect(host?.vantages.map(({ name }) => name)).toEqual(["self"]);
    expect(host?.findings.map(({ key }) => key)).toEqual(["could-not-look"]);
    expect(host?.findings[0]?.evidence).toEqual([expect.stringContaining("what answers from ssh:nobody-there: ")]);
    expect(status).toBe(3);
  });

  test.runIf(hasSshServer())("another host is looked into by ssh", async () => {
    const ownConfig = path.join(folder, "ssh_config");
    writeFileSync(ownConfig, readFileSync(sshConfigFile, "utf8").replace(/^Host lab$/m, "Host lab 10.9.0.1"));
    const { report, status } = await audit("--ssh-config", ownConfig, "10.9.0.1");
    const [host] = report.hosts;
    const open = host?.rows.filter(({ views }) => views.some(({ outside }) => outside?.state === "open"));
    expect(open?.flatMap(({ inside = [] }) => inside.map(({ process: name }) => name))).toEqual(["sshd"]);
    expect(open?.map(({ verdict }) => verdict)).toEqual(["open-unsaid"]);
    expect(host?.system).toContain("Linux");
    expect(status).toBe(0);
  });

  test("outside of its hours nothing is sent", async () => {
    const hour = (new Date().getUTCHours() + 12) % 24;
    const hours = `{ hours: ["${String(hour).padStart(2, "0")}:00-${String(hour).padStart(2, "0")}:01"] }`;
    writeFileSync(path.join(folder, "postern.yaml"), `timezone: UTC\nlimits: ${hours}\n`);
    const { status, stderr, stdout } = await lab.router.run(POSTERN, [
      "audit",
      "--scope",
      path.join(folder, "postern.yaml"),
    ]);
    expect({ status, stdout }).toEqual({ status: 3, stdout: "" });
    expect(stderr).toContain("nothing is probed at this hour");
  });
});
