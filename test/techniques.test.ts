// Every technique against every kind of port: each state that it declares is seen, with its evidence, over both
// families, and nmap says the same where it has the technique.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hasProgram } from "../lab/availability.js";
import type { Family } from "../lab/filter.js";
import { ROUTED_HOSTS, VERDICT_PORTS } from "../lab/hosts.js";
import type { LabMachine } from "../lab/machine.js";
import { createLab, type Lab, type LabHost } from "../lab/network.js";
import { describeLab } from "../lab/vitest.js";
import { createWanLab, isTapHere, type WanLab } from "../lab/wan-lab.js";
import { TECHNIQUES } from "../src/technique/list.js";
import { postern } from "./postern.js";
import { readReport, type SeenHost } from "./report.js";

/** State and evidence: "closed reset". */
type Claim = string;

/** What a TCP technique makes of a port that listens, and of a RST; silence and ICMP errors follow from its kind. */
interface TcpRow {
  readonly name: string;
  readonly args: readonly string[];
  readonly open: Claim;
  readonly reset: Claim;
  readonly silence: Claim;
}

const SILENT = "filtered no-response";
const SILENT_OR_OPEN = "open|filtered no-response";

/** Linux answers a stray ACK of an open port by a RST without a window, and drops segments without ACK, SYN and RST. */
const TCP_ROWS: readonly TcpRow[] = [
  { name: "tcp-syn", args: ["-sS"], open: "open syn-ack", reset: "closed reset", silence: SILENT },
  { name: "tcp-ack", args: ["-sA"], open: "unfiltered reset", reset: "unfiltered reset", silence: SILENT },
  { name: "tcp-window", args: ["-sW"], open: "closed reset", reset: "closed reset", silence: SILENT },
  { name: "tcp-maimon", args: ["-sM"], open: "closed reset", reset: "closed reset", silence: SILENT_OR_OPEN },
  { name: "tcp-fin", args: ["-sF"], open: SILENT_OR_OPEN, reset: "closed reset", silence: SILENT_OR_OPEN },
  { name: "tcp-null", args: ["-sN"], open: SILENT_OR_OPEN, reset: "closed reset", silence: SILENT_OR_OPEN },
  { name: "tcp-xmas", args: ["-sX"], open: SILENT_OR_OPEN, reset: "closed reset", silence: SILENT_OR_OPEN },
];

/** Flags of one's own: answers are read as the technique beside them reads them. */
const FLAG_ROWS: readonly TcpRow[] = [
  // A listener drops SYN together with FIN (Linux, tcp_rcv_state_process).
  {
    name: "SYN and FIN",
    args: ["--scanflags", "SYNFIN"],
    open: SILENT,
    reset: "closed reset",
    silence: SILENT,
  },
  {
    name: "SYN and two that mean nothing to it",
    args: ["-sS", "--scanflags", "SYNECECWR"],
    open: "open syn-ack",
    reset: "closed reset",
    silence: SILENT,
  },
  {
    name: "PSH alone",
    args: ["-sF", "--scanflags", "PSH"],
    open: SILENT_OR_OPEN,
    reset: "closed reset",
    silence: SILENT_OR_OPEN,
  },
  {
    name: "ACK by its number, read as by a FIN scan",
    args: ["-sF", "--scanflags", "16"],
    open: "closed reset",
    reset: "closed reset",
    silence: SILENT_OR_OPEN,
  },
  {
    name: "ACK and URG",
    args: ["-sA", "--scanflags", "ackurg"],
    open: "unfiltered reset",
    reset: "unfiltered reset",
    silence: SILENT,
  },
];

const TCP_PORTS = [22, 80, 81, ...VERDICT_PORTS];
const UDP_PORTS = [53, 81, 514, 515, ...VERDICT_PORTS.filter((port) => port !== 1002)]; // UDP has no reset
const NAMES = ["plain", "strict", "behind", "dark"];

/** What the technique must say of one port of a host whose rules are those of the lab. */
function claimOf(row: TcpRow, host: LabHost, port: number, family: Family): Claim {
  const { state, reason, decidedBy } = host.expected(port, { family });
  const isForged = decidedBy === "router" || (reason === "reset-by-other" && row.name === "tcp-syn");
  if (reason === "no-response") return row.silence;
  if (state === "open") return row.open;
  if (state !== "closed") return `filtered ${wordOf(reason)}`;
  return isForged ? row.reset.replace("reset", "reset-by-other") : row.reset;
}

/** nmap calls the ICMPv6 error of a router no-route. */
function wordOf(reason: string): string {
  return reason === "no-route" ? "net-unreach" : reason;
}

function claimsOf(host: SeenHost): Record<string, Claim> {
  return Object.fromEntries([...host.rows].map(([port, { state, reason }]) => [port, `${state} ${reason}`]));
}

function stateOf(claim: Claim): string {
  return claim.split(" ")[0] ?? "";
}

function statesIn(claims: Readonly<Record<string, Claim>>): Record<string, string> {
  return Object.fromEntries(Object.entries(claims).map(([port, claim]) => [port, stateOf(claim)]));
}

/** All states that were seen, by technique. */
const seenStates = new Map<string, Set<string>>();

/** Everything that is said of the ports, by address. */
type Claims = Readonly<Record<string, Record<string, Claim>>>;

/** Scans these addresses, keeps the states for the comparison at the end, and returns the claims. */
async function scan(from: LabMachine, technique: string, args: readonly string[], addresses: readonly string[]) {
  const seen = await postern(from, ["-n", "--reason", ...args, ...addresses]);
  expect(seen.stdout).toContain(`\nPorts: ${technique} by `);
  const claims = Object.fromEntries(seen.hosts.map((host) => [host.title, claimsOf(host)]));
  const states = seenStates.get(technique) ?? new Set<string>();
  for (const claim of Object.values(claims).flatMap((ports) => Object.values(ports))) states.add(stateOf(claim));
  seenStates.set(technique, states);
  return claims;
}

/** That nmap says the same, state by state. */
async function expectAsNmap(from: LabMachine, args: readonly string[], claims: Claims): Promise<void> {
  if (!hasProgram("nmap")) return;
  const addresses = Object.keys(claims);
  const family = addresses.some((address) => address.includes(":")) ? ["-6"] : [];
  // Nothing is lost here, and round trips are short: nmap needs not wait as long as it does by default.
  const pace = ["-n", "-Pn", "-T4", "--max-retries", "2", "--max-rtt-timeout", "200ms"];
  const { stdout } = await from.run("nmap", [...family, ...pace, ...args, ...addresses]);
  const told = readReport(stdout).hosts.map((host) => [host.title, statesIn(claimsOf(host))]);
  const ours = Object.entries(claims).map(([address, ports]) => [address, statesIn(ports)]);
  expect(Object.fromEntries(told)).toEqual(Object.fromEntries(ours));
}

/** What must be said of a port of a host. */
type TruthOf = (host: LabHost, port: number) => Claim;

const FAMILIES: readonly Family[] = [4, 6];

/** The lab's own firewalls know TCP and UDP; these are about protocols, which the router refuses to hand on. */
const PROTOCOL_RULES = `table inet protocols {
  chain forward {
    type filter hook forward priority -10; policy accept;
    ip daddr 10.10.0.12 ip protocol 200 reject with icmp type admin-prohibited
    ip daddr 10.10.0.12 ip protocol 201 reject with icmp type prot-unreachable
    ip daddr 10.10.0.12 ip protocol 202 drop
    ip6 daddr fd00:10::12 meta l4proto 202 drop
  }
}
`;

describeLab("techniques behind a firewall", () => {
  let lab: Lab;

  beforeAll(async () => {
    lab = await createLab({ topology: "routed", hosts: ROUTED_HOSTS.filter(({ name }) => name !== "down") });
    const { stderr } = await lab.router.run("nft", ["-f", "-"], { input: PROTOCOL_RULES });
    expect(stderr).toBe("");
    if (!lab.hasIpv6) return;
    // nft refuses no IPv6 packet without a payload (nf_reject_ipv6.c, nf_reject6_send_unreach): the routing does.
    const rule = await lab.router.run("ip", ["-6", "rule", "add", "to", "fd00:10::12", "ipproto", "200", "prohibit"]);
    expect(rule.stderr).toBe("");
  });
  afterAll(() => lab?.dispose());

  const addressOf = (host: LabHost, family: Family) => (family === 4 ? host.ipv4 : host.ipv6);

  /** What must be said of the ports of all hosts. */
  function truth(ports: readonly number[], protocol: "tcp" | "udp", family: Family, claim: TruthOf): Claims {
    const hosts = NAMES.map((name) => lab.host(name));
    return Object.fromEntries(
      hosts.map((host) => [
        addressOf(host, family),
        Object.fromEntries(ports.map((port) => [`${port}/${protocol}`, claim(host, port)])),
      ]),
    );
  }

  describe.each(FAMILIES)("over IPv%i", (family) => {
    test.each([...TCP_ROWS, ...FLAG_ROWS])("$name $args", async (row) => {
      if (family === 6 && !lab.hasIpv6) return;
      const words = [...row.args, "-p", TCP_PORTS.join(",")];
      const expected = truth(TCP_PORTS, "tcp", family, (host, port) => claimOf(row, host, port, family));
      const technique = TCP_ROWS.find(({ args }) => args[0] === row.args[0])?.name ?? "tcp-syn";
      expect(await scan(lab.scanner, technique, words, Object.keys(expected))).toEqual(expected);
      if (family === 4 && !FLAG_ROWS.includes(row)) await expectAsNmap(lab.scanner, words, expected);
    });

    test("udp -sU", async () => {
      if (family === 6 && !lab.hasIpv6) return;
      const words = ["-sU", "-p", UDP_PORTS.join(",")];
      const expected = truth(UDP_PORTS, "udp", family, (host, port) => {
        const { state, reason } = host.expected(port, { protocol: "udp", family });
        return `${state} ${wordOf(reason)}`;
      });
      expect(await scan(lab.scanner, "udp", words, Object.keys(expected))).toEqual(expected);
      if (family === 4) await expectAsNmap(lab.scanner, words, expected);
    });

    test("tcp-connect -sT", async () => {
      if (family === 6 && !lab.hasIpv6) return;
      const address = addressOf(lab.host("strict"), family);
      const claims = await scan(lab.scanner, "tcp-connect", ["-sT", "-p", "22,81,1001,1007"], [address]);
      expect(claims[address]).toEqual({
        "22/tcp": "open conn-accepted",
        "81/tcp": "closed conn-refused",
        "1001/tcp": SILENT,
        "1007/tcp": "filtered admin-prohibited",
      });
    });
  });

  test("ip-protocol over IPv4: what is spoken, refused, forbidden and swallowed", async () => {
    const words = ["-sO", "-p", "1,2,6,17,100,132,200-202"];
    const address = lab.host("behind").ipv4;
    const expected = {
      1: "open proto-response",
      2: SILENT_OR_OPEN, // Linux answers a query for the groups that it is in, and this host is in none
      6: "open proto-response",
      17: "open port-unreach",
      100: "closed proto-unreach",
      132: "closed proto-unreach",
      200: "filtered admin-prohibited",
      201: "filtered proto-unreach", // the router says so, and not the host
      202: SILENT_OR_OPEN,
    };
    expect(await scan(lab.scanner, "ip-protocol", words, [address])).toEqual({ [address]: expected });
    await expectAsNmap(lab.scanner, words, { [address]: expected });
  });

  test("ip-protocol over IPv6", async () => {
    if (!lab.hasIpv6) return;
    const address = lab.host("behind").ipv6;
    const claims = await scan(lab.scanner, "ip-protocol", ["-sO", "-p", "6,17,58,100,200,202"], [address]);
    expect(claims[address]).toEqual({
      6: "open proto-response",
      17: "open port-unreach",
      58: "open proto-response",
      100: "closed proto-unreach",
      200: "filtered admin-prohibited",
      202: SILENT_OR_OPEN,
    });
  });
});

describeLab("techniques for what Linux is not, or has not", () => {
  describe.skipIf(!isTapHere())("with /dev/net/tun", () => {
    let lab: WanLab;

    beforeAll(async () => {
      const bsd = { tcpKind: "bsd", tcp: { open: [80], dropped: [82], impostor: [83] } } as const;
      const sctp = { open: [5], dropped: [6] };
      lab = await createWanLab({
        hosts: [
          { prefix: "10.80.0.1", ...bsd },
          { prefix: "fd80::1", ...bsd },
          { prefix: "10.80.0.2", sctp },
          { prefix: "fd80::2", sctp },
          { prefix: "10.80.0.3" }, // without SCTP
          { prefix: "fd80::3" },
        ],
      });
    });
    afterAll(() => lab?.dispose());

    const addressOf = (family: Family, last: number) => (family === 4 ? `10.80.0.${last}` : `fd80::${last}`);

    describe.each(FAMILIES)("over IPv%i", (family) => {
      const [bsd, speaks, knowsNone] = [addressOf(family, 1), addressOf(family, 2), addressOf(family, 3)];

      test.each([
        ["tcp-window", "-sW", ["open reset", "closed reset", SILENT, "closed reset-by-other"]],
        ["tcp-maimon", "-sM", [SILENT_OR_OPEN, "closed reset", SILENT_OR_OPEN, "closed reset-by-other"]],
        ["tcp-ack", "-sA", ["unfiltered reset", "unfiltered reset", SILENT, "unfiltered reset-by-other"]],
      ] as const)("%s %s of a BSD", async (technique, option, [open, closed, dropped, forged]) => {
        if (family === 6 && !lab.hasIpv6) return;
        const words = [option, "-p80-83"];
        const expected = { [bsd]: { "80/tcp": open, "81/tcp": closed, "82/tcp": dropped, "83/tcp": forged } };
        expect(await scan(lab.scanner, technique, words, [bsd])).toEqual(expected);
        if (family === 4) await expectAsNmap(lab.scanner, words, expected);
      });

      test.each([
        ["sctp-init", "-sY", ["open init-ack", SILENT, "closed abort"]],
        ["sctp-cookie-echo", "-sZ", [SILENT_OR_OPEN, SILENT_OR_OPEN, "closed abort"]],
      ] as const)("%s %s", async (technique, option, [open, dropped, closed]) => {
        if (family === 6 && !lab.hasIpv6) return;
        const words = [option, "-p5-7"];
        const refused = "filtered proto-unreach";
        const expected = {
          [speaks]: { "5/sctp": open, "6/sctp": dropped, "7/sctp": closed },
          [knowsNone]: { "5/sctp": refused, "6/sctp": refused, "7/sctp": refused },
        };
        expect(await scan(lab.scanner, technique, words, [speaks, knowsNone])).toEqual(expected);
        if (family === 4) await expectAsNmap(lab.scanner, words, expected);
      });
    });
  });

  // Runs last: what was seen above is all that the techniques declare, and nothing else.
  const withPorts = TECHNIQUES.filter(({ outcomes }) => !outcomes.includes("up"));
  const needsTap = (name: string) => name.startsWith("sctp") || name === "tcp-window";
  test.each(withPorts.map(({ name, outcomes }) => ({ name, outcomes })))(
    "$name: every state that it declares was seen",
    ({ name, outcomes }) => {
      if (needsTap(name) && !isTapHere()) return;
      expect([...(seenStates.get(name) ?? [])].sort()).toEqual([...outcomes].sort());
    },
  );
});
