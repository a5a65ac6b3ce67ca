// An audit with everything in it: two hosts and one that could not be seen into, IPv6, two vantage points, hostile names, findings
// of each severity, accepted ones, and what could not be looked at.
import type {
  AuditedHost,
  AuditReport,
  AuditRow,
  AuditVantage,
  Finding,
  FirewallFact,
  InsideFact,
  IntendedFact,
  OutsideFact,
  RowView,
} from "../../model/audit-report.js";

/** What a program may call itself: it clears the screen, turns text round, ends lines, elements and workflow commands. */
export const HOSTILE = '\u001b[2J"><script>alert(1)</script>\r\n::error::x\u202e]]>--&amp;\u0000\ud800|=cmd';

const SELF: AuditVantage = {
  name: "self",
  means: "a namespace beside this machine, joined by a veth",
  sources: ["198.51.100.7", "2001:db8:ffff::7"],
  limits: ["what stands before this machine is not crossed"],
};

const OFFICE: AuditVantage = {
  name: "ssh:gate.example",
  means: "bash and /dev/tcp over ssh",
  sources: ["203.0.113.9"],
  limits: ["TCP alone", "a reset and an ICMP error look alike"],
};

const OPEN: OutsideFact = { state: "open", reason: "syn-ack", responder: undefined, rttMs: 0.21, tries: 1 };
const CLOSED: OutsideFact = { ...OPEN, state: "closed", reason: "reset" };
const FILTERED: OutsideFact = { ...OPEN, state: "filtered", reason: "no-response", rttMs: undefined, tries: 4 };

const ACCEPT: FirewallFact = {
  verdict: "accept",
  detail: undefined,
  rule: "-A INPUT -p tcp -m multiport --dports 22,443 -j ACCEPT",
  place: "firewall/rules.v4:14",
  deliveredTo: undefined,
};
const DROP: FirewallFact = { ...ACCEPT, verdict: "drop", rule: "policy drop", place: "inet filter input, its policy" };

const MEANT: IntendedFact = { state: "open", line: 12, why: "administrators" };
const NOT_MEANT: IntendedFact = { state: "closed", line: undefined, why: undefined };

function socket(bound: string, process: string, pid: number, facts: Partial<InsideFact> = {}): InsideFact {
  return {
    bound,
    isLoopback: false,
    process,
    pid,
    user: "root",
    unit: `${process}.service`,
    container: undefined,
    isDeleted: false,
    ...facts,
  };
}

function view(vantage: string, facts: Partial<RowView>): RowView {
  return { vantage, firewall: ACCEPT, outside: OPEN, intended: NOT_MEANT, verdict: "open-not-intended", ...facts };
}

function both(facts: Partial<RowView>): readonly RowView[] {
  return [SELF, OFFICE].map(({ name }) => view(name, facts));
}

function row(address: string, port: number, facts: Partial<AuditRow>): AuditRow {
  return {
    address,
    protocol: "tcp",
    port,
    service: undefined,
    inside: [],
    views: both({}),
    verdict: "open-not-intended",
    severity: "high",
    ...facts,
  };
}

/** A finding; of the greatest severity unless the facts say otherwise. */
export function finding(facts: Partial<Finding> = {}): Finding {
  return {
    key: "open-not-intended",
    place: "192.0.2.10/tcp/6379",
    severity: "critical",
    confidence: "certain",
    vantages: ["self", "ssh:gate.example"],
    title: "6379/tcp is open, and is not meant to be",
    evidence: ["redis-server[901] (redis.service, redis) waits at 0.0.0.0:6379"],
    nextStep: "bind it to 127.0.0.1, or write it under expect in postern.yaml",
    accepted: undefined,
    ...facts,
  };
}

const SHUT: Partial<AuditRow> = {
  views: both({ firewall: DROP, outside: FILTERED, verdict: "shut" }),
  verdict: "shut",
  severity: "ok",
};

const DB_ROWS: readonly AuditRow[] = [
  row("192.0.2.10", 22, {
    service: "ssh",
    inside: [socket("0.0.0.0:22", "sshd", 812, { unit: "ssh.service" })],
    views: both({ intended: MEANT, verdict: "open-intended" }),
    verdict: "open-intended",
    severity: "ok",
  }),
  row("192.0.2.10", 23, { ...SHUT, service: "telnet" }),
  row("192.0.2.10", 443, {
    service: "https",
    inside: [socket("0.0.0.0:443", "nginx", 33), socket("192.0.2.10:443", "nginx", 34, { isDeleted: true })],
    views: [
      view("self", { intended: MEANT, verdict: "open-intended" }),
      view("ssh:gate.example", {
        firewall: { ...DROP, rule: "-A INPUT -s 203.0.113.0/24 -j DROP", place: "firewall/rules.v4:9" },
        outside: FILTERED,
        intended: { ...MEANT, line: 15 },
        verdict: "intended-not-reachable",
      }),
    ],
    verdict: "intended-not-reachable",
    severity: "medium",
  }),
  row("192.0.2.10", 5432, {
    service: "postgresql",
    inside: [socket("127.0.0.1:5432", "postgres", 77, { isLoopback: true, user: "postgres" })],
    views: [
      view("self", { outside: CLOSED, verdict: "shut" }),
      view("ssh:gate.example", { outside: FILTERED, firewall: DROP, verdict: "shut" }),
    ],
    verdict: "shut",
    severity: "ok",
  }),
  row("192.0.2.10", 6379, {
    service: "redis",
    inside: [socket("0.0.0.0:6379", "redis-server", 901, { user: "redis", unit: "redis.service" })],
    severity: "critical",
  }),
  row("192.0.2.10", 8080, {
    service: "http-proxy",
    views: both({
      firewall: { ...ACCEPT, rule: "tcp dport 8080 dnat to 172.17.0.2:80", deliveredTo: "172.17.0.2:80" },
      verdict: "published-around-firewall",
    }),
    verdict: "published-around-firewall",
  }),
  row("192.0.2.10", 161, {
    protocol: "udp",
    service: "snmp",
    inside: [socket("0.0.0.0:161", "snmpd", 61)],
    views: [
      view("self", { outside: { ...FILTERED, state: "open|filtered" }, verdict: "udp-silent" }),
      view("ssh:gate.example", { outside: undefined, verdict: "could-not-ask" }),
    ],
    verdict: "udp-silent",
    severity: "info",
  }),
  row("2001:db8::10", 111, {
    service: "rpcbind",
    inside: [socket("[::]:111", HOSTILE, 666, { user: HOSTILE, unit: undefined, container: `docker ${HOSTILE}` })],
    views: [
      view("self", {
        firewall: {
          ...ACCEPT,
          rule: `tcp dport 111 accept comment "${HOSTILE}"`,
          place: "ip6 filter input, handle 12",
        },
        verdict: "reachable-on-ipv6-only",
      }),
      view("ssh:gate.example", { outside: undefined, verdict: "could-not-ask" }),
    ],
    verdict: "reachable-on-ipv6-only",
  }),
];

const DB: AuditedHost = {
  name: "db1.example",
  system: "Linux 6.1.0-18-amd64",
  vantages: [SELF, OFFICE],
  rows: DB_ROWS,
  findings: [
    finding(),
    finding({
      key: "published-around-firewall",
      place: "192.0.2.10/tcp/8080",
      severity: "high",
      title: "8080/tcp is published to 172.17.0.2:80 around the firewall's rules for this host",
      evidence: [
        "no socket waits for it",
        "the firewall lets it in: tcp dport 8080 dnat to 172.17.0.2:80 (firewall/rules.v4:14)",
        "without the translation it would meet drop: policy drop",
      ],
      nextStep:
        "publish it on 127.0.0.1 alone, or write the rule where forwarded packets meet it (Docker: the chain DOCKER-USER)",
    }),
    finding({
      key: "reachable-on-ipv6-only",
      place: "2001:db8::10/tcp/111",
      severity: "high",
      confidence: "likely",
      vantages: ["self"],
      title: `111/tcp is open by IPv6, and ${HOSTILE} has it`,
      evidence: [`${HOSTILE}[666] waits at [::]:111`, "from self it is open (syn-ack)"],
      nextStep: "write the rule for IPv6, too",
    }),
    finding({
      key: "intended-not-reachable",
      place: "192.0.2.10/tcp/443",
      severity: "medium",
      vantages: ["ssh:gate.example"],
      title: "443/tcp is meant to be open from ssh:gate.example, and is not: the firewall stops it",
      evidence: ["the firewall drops it: -A INPUT -s 203.0.113.0/24 -j DROP (firewall/rules.v4:9)"],
      nextStep: "let it in by a rule before the one above",
    }),
    finding({
      key: "deleted-binary",
      place: "192.0.2.10/tcp/443",
      severity: "low",
      vantages: [],
      title: "nginx[34] runs a program whose file was removed or replaced",
      evidence: ["nginx[34] (nginx.service) waits at 192.0.2.10:443"],
      nextStep: "systemctl restart nginx.service",
    }),
    finding({
      key: "udp-silent",
      place: "192.0.2.10/udp/161",
      severity: "info",
      vantages: ["self"],
      title: "161/udp waits and is let in, though it does not answer strangers",
      evidence: [],
      nextStep: "take it for open: close it, or write it under expect in postern.yaml",
      accepted: { line: 42, reason: "monitoring, until it speaks SNMPv3", until: "2027-03-31" },
    }),
    finding({
      key: "mixed-back-ends",
      place: "firewall",
      severity: "medium",
      vantages: [],
      title: "iptables-legacy has rules beside those of nftables",
      evidence: ["iptables-legacy: 4 rules", "nft: 12 rules"],
      nextStep: "move the rules of one into the other",
      accepted: { line: 47, reason: `an old box; ${HOSTILE}`, until: undefined },
    }),
    finding({
      key: "could-not-look",
      place: "vantage:ssh:gate.example",
      severity: "low",
      vantages: ["ssh:gate.example"],
      title: "2 ports could not be asked from ssh:gate.example",
      evidence: ["UDP needs a program that can send it", "it has no IPv6"],
      nextStep: "install postern on gate.example",
    }),
  ],
  probeCount: 15,
};

const PRINTER: AuditedHost = {
  name: HOSTILE,
  system: undefined,
  vantages: [OFFICE],
  rows: [
    row("192.0.2.20", 9100, {
      service: "jetdirect",
      inside: undefined,
      views: [view("ssh:gate.example", { firewall: undefined, intended: MEANT, verdict: "open-intended" })],
      verdict: "open-intended",
      severity: "ok",
    }),
    row("192.0.2.20", 80, {
      service: "http",
      inside: undefined,
      views: [
        view("ssh:gate.example", {
          firewall: undefined,
          outside: { ...CLOSED, reason: "reset-by-other", responder: "192.0.2.1" },
          verdict: "answered-by-other",
        }),
      ],
      verdict: "answered-by-other",
      severity: "info",
    }),
  ],
  findings: [
    finding({
      key: "could-not-look",
      place: "inside",
      severity: "medium",
      vantages: [],
      title: "the inside could not be seen",
      evidence: [`ssh: ${HOSTILE}`],
      nextStep: "ssh-copy-id admin@192.0.2.20",
    }),
    finding({
      key: "answered-by-other",
      place: "192.0.2.20/tcp/80",
      severity: "info",
      confidence: "possible",
      vantages: ["ssh:gate.example"],
      title: "80/tcp is answered by 192.0.2.1 in the host's name",
      evidence: ["from ssh:gate.example it is closed (reset-by-other by 192.0.2.1)"],
      nextStep: "look at what stands before the host",
    }),
  ],
  probeCount: 2,
};

const MAIL: AuditedHost = {
  name: "mail.example",
  system: "Linux 6.12.9",
  vantages: [SELF],
  rows: [
    row("2001:db8::25", 25, {
      service: "smtp",
      inside: [socket("*:25", "master", 410, { unit: "postfix@-.service" })],
      views: [view("self", { intended: MEANT, verdict: "open-intended" })],
      verdict: "open-intended",
      severity: "ok",
    }),
    ...[79, 111, 113].map((port) =>
      row("2001:db8::25", port, { ...SHUT, views: [view("self", { outside: CLOSED, verdict: "shut" })] }),
    ),
  ],
  findings: [],
  probeCount: 4,
};

/** Everything. */
export const RICH_AUDIT: AuditReport = {
  version: "0.1.0",
  startedAt: "2026-11-24T19:00:00Z",
  endedAt: "2026-11-24T19:00:02.140Z",
  policyFile: "postern.yaml",
  hosts: [DB, PRINTER, MAIL],
};

/** One host on which all is as intended. */
export const GREEN_AUDIT: AuditReport = { ...RICH_AUDIT, hosts: [MAIL] };

/** The same audit in which every text from outside is this one. */
export function auditWith(text: string): AuditReport {
  const sockets = [socket(text, text, 1, { user: text, unit: text, container: text })];
  const firewall: FirewallFact = { verdict: "reject", detail: text, rule: text, place: text, deliveredTo: text };
  const outside: OutsideFact = { ...OPEN, reason: text, responder: text };
  const views = [view(text, { firewall, outside, intended: { state: "closed", line: 1, why: text }, verdict: text })];
  const facts = { title: text, evidence: [text, text], nextStep: text, vantages: [text], key: text };
  return {
    version: text,
    startedAt: text,
    endedAt: text,
    policyFile: text,
    hosts: [
      {
        name: text,
        system: text,
        vantages: [{ name: text, means: text, sources: [text], limits: [text] }],
        rows: [row(text, 22, { service: text, inside: sockets, views, verdict: text })],
        findings: [
          finding({ ...facts, place: `${text}/tcp/22` }),
          finding({ ...facts, place: text, accepted: { line: 1, reason: text, until: text } }),
          finding({ ...facts, key: "could-not-look", place: text }),
        ],
        probeCount: 1,
      },
    ],
  };
}
