// Scans as the tests of the HTML report need them: one with everything in it, and networks of any size.
import { type CompactScanEvent, NO_RTT_US, type PortRunEvent, type ScanEvent } from "../model/scan-event.js";
import { seededRandom } from "../target/random.js";
import { html } from "./html.js";
import { CLOSED, done, FILTERED, host, hostDone, port, ports, START } from "./normal-events.test.data.js";
import type { ReportOptions } from "./report-writer.js";

type Event = ScanEvent | CompactScanEvent;

const NAMES = new Map([
  ["tcp 22", "ssh"],
  ["tcp 25", "smtp"],
  ["tcp 53", "domain"],
  ["udp 53", "domain"],
  ["tcp 80", "http"],
  ["udp 123", "ntp"],
  ["tcp 135", "msrpc"],
  ["tcp 139", "netbios-ssn"],
  ["udp 161", "snmp"],
  ["tcp 443", "https"],
  ["tcp 445", "microsoft-ds"],
  ["tcp 631", "ipp"],
  ["tcp 3306", "mysql"],
  ["tcp 3389", "ms-wbt-server"],
  ["tcp 5432", "postgresql"],
  ["tcp 8080", "http-proxy"],
  ["tcp 9100", "jetdirect"],
]);

/** What files are written with. */
export const OPTIONS: ReportOptions = {
  showReason: false,
  onlyOpen: false,
  verbosity: 0,
  showNotices: true,
  words: ["postern", "-sSU", "-oH", "report.html", "10.0.0.0/24"],
  serviceName: (number, protocol) => NAMES.get(`${protocol} ${number}`),
  vendorOf: () => "Raspberry Pi Trading Ltd",
};

/** The whole page. */
export function writePage(events: Iterable<Event>, options: Partial<ReportOptions> = {}): string {
  const sink = html.open({ ...OPTIONS, ...options });
  let text = "";
  for (const event of events) text += sink(event);
  return text;
}

/** How the techniques were chosen. */
export const CHOICE: ScanEvent = {
  type: "technique",
  choice: { role: "ports", technique: "tcp-syn", transport: "packet socket", because: "root may send raw packets" },
};

/** Three hosts with everything that a page can show. */
export const SMALL_SCAN: readonly Event[] = [
  { ...START, targets: ["gate.lab.example", "10.0.0.2", "10.0.0.3"], addressCount: 3 },
  {
    type: "technique",
    choice: {
      role: "discovery",
      technique: "arp",
      transport: "packet socket",
      because: "the hosts are neighbours on the link",
    },
  },
  CHOICE,
  host({
    name: "gate.lab.example",
    otherAddresses: ["fd00::1"],
    mac: "b8:27:eb:01:02:03",
    reason: "arp-response",
    ttl: undefined,
  }),
  host({ id: 1, address: "10.0.0.2" }),
  host({ id: 2, address: "10.0.0.3" }),
  { type: "notice", level: "warning", code: "no-route", text: "There is no way to 10.99.0.0/16." },
  { type: "host-names", hostId: 1, names: ["db.lab.example", "db-old.lab.example"] },
  port(22),
  port(443),
  port(25, FILTERED),
  port(53, {
    protocol: "udp",
    state: "open|filtered",
    reason: "no-response",
    ttl: undefined,
    rttMs: undefined,
    tries: 4,
  }),
  port(111, { state: "filtered", reason: "admin-prohibited", responder: "10.0.0.254", ttl: 63 }),
  ...ports(1000, 990, CLOSED),
  {
    type: "service",
    hostId: 0,
    protocol: "tcp",
    port: 22,
    service: {
      name: "ssh",
      method: "probed",
      confidence: 10,
      product: "OpenSSH",
      version: "9.6p1 Debian 3",
      extraInfo: "protocol 2.0",
      cpes: ["cpe:/a:openbsd:openssh:9.6p1"],
    },
  },
  {
    type: "os",
    hostId: 0,
    os: {
      portsUsed: [
        { state: "open", protocol: "tcp", port: 22 },
        { state: "closed", protocol: "tcp", port: 1000 },
      ],
      matches: [
        {
          name: "Linux 6.1 - 6.8",
          accuracy: 98,
          line: 1,
          classes: [{ vendor: "Linux", family: "Linux", accuracy: 98, cpes: ["cpe:/o:linux:linux_kernel:6"] }],
        },
      ],
      uptimeSeconds: 864_000,
      distance: 1,
    },
  },
  {
    type: "script",
    hostId: 0,
    port: { protocol: "tcp", port: 22 },
    id: "ssh-hostkey",
    output: "\n  256 SHA256:u8\tED25519\n  3072 SHA256:aa RSA",
  },
  {
    type: "trace",
    hostId: 0,
    technique: "tcp-syn",
    protocol: "tcp",
    port: 22,
    hops: [
      { ttl: 1, address: "192.0.2.1", rttMs: 0.31 },
      { ttl: 2, address: undefined, rttMs: undefined },
      { ttl: 3, address: "10.0.0.1", rttMs: 1.2 },
    ],
  },
  hostDone(),
  port(22, {}, 1),
  port(5432, {}, 1),
  hostDone({
    hostId: 1,
    loss: { lossShare: 0.31, missedEstimate: 2.7 },
    marks: [{ code: "rationed", text: "The host sends about 1 ICMP error a second; it was asked as slowly as that." }],
  }),
  port(1, CLOSED, 2),
  hostDone({ hostId: 2, end: "host-timeout", undecided: [{ protocol: "tcp", count: 999 }] }),
  done({
    elapsedMs: 3210,
    counts: { ...done().counts, hosts: 3, hostsUp: 3, ports: 998 },
    loss: { lossShare: 0.05, missedEstimate: 2.7 },
  }),
];

const ROLES: readonly {
  readonly share: number;
  readonly name: string;
  readonly tcp: readonly number[];
  readonly udp: readonly number[];
}[] = [
  { share: 0.1, name: "web", tcp: [22, 80, 443], udp: [] },
  { share: 0.04, name: "db", tcp: [22, 5432, 9187], udp: [] },
  { share: 0.02, name: "dc", tcp: [53, 88, 135, 139, 389, 445, 464, 636, 3268, 3389, 5985, 9389], udp: [53, 123] },
  { share: 0.35, name: "pc", tcp: [135, 139, 445], udp: [] },
  { share: 0.06, name: "printer", tcp: [80, 443, 515, 631, 9100], udp: [161] },
  { share: 0.08, name: "dev", tcp: [22, 3000, 5173, 8000, 8080, 9229, 27017, 6379, 3306], udp: [] },
  { share: 0.35, name: "quiet", tcp: [], udp: [] },
];

function run(hostId: number, result: Partial<PortRunEvent["result"]>, numbers: Uint16Array): PortRunEvent {
  return {
    type: "port-run",
    hostId,
    result: {
      protocol: "tcp",
      state: "closed",
      reason: "reset",
      technique: "tcp-syn",
      ttl: 64,
      tries: 1,
      responder: undefined,
      ...result,
    },
    ports: numbers,
    rttsUs: new Uint32Array(numbers.length).fill(NO_RTT_US),
  };
}

function timeOf(startMs: number, sinceStartMs: number): string {
  return new Date(startMs + sinceStartMs).toISOString();
}

/** An office with so many hosts that are up, out of four times as many addresses; 1,000 TCP ports each. */
export function* office(hostCount: number): Generator<Event> {
  const { next32 } = seededRandom(7);
  const random = (): number => next32() / 2 ** 32;
  const startMs = Date.parse(START.startedAt);
  const elapsedMs = 2000 + hostCount * 40;
  const scans = [
    { technique: "tcp-syn", protocol: "tcp", portCount: 1000, ports: "1-1000" },
    { technique: "udp", protocol: "udp", portCount: 3, ports: "53,123,161" },
  ] as const;
  yield { ...START, targets: ["10.0.0.0/24"], addressCount: hostCount * 4, portScans: scans };
  yield CHOICE;
  for (let ms = 250; ms < elapsedMs; ms += 250) {
    const ratePps = 9000 * Math.min(1, ms / 1500) * (0.85 + random() * 0.3) * (ms > elapsedMs * 0.9 ? 0.3 : 1);
    yield {
      type: "progress",
      phase: "ports",
      shareDone: ms / elapsedMs,
      ratePps,
      elapsedMs: ms,
      leftMs: undefined,
      counts: done().counts,
    };
  }
  let openCount = 0;
  for (let id = 0; id < hostCount; id++) {
    const at = Math.floor(random() * 800 + (elapsedMs - 1500) * (id / hostCount));
    openCount += yield* officeHost(id, random, [timeOf(startMs, at), timeOf(startMs, at + 700)]);
  }
  const counts = { ...done().counts, hosts: hostCount * 4, hostsUp: hostCount, ports: hostCount * 1000 + openCount };
  yield done({ elapsedMs, counts, loss: { lossShare: 0.002, missedEstimate: 0.01 } });
}

function* officeHost(
  id: number,
  random: () => number,
  [foundAt, doneAt]: readonly [string, string],
): Generator<Event, number> {
  const pick = random();
  let sum = 0;
  const role = ROLES.find(({ share }) => {
    sum += share;
    return pick < sum;
  }) ?? { name: "odd", tcp: [1023 + (id % 50)], udp: [] };
  const address = `10.${Math.floor(id / 65_536)}.${Math.floor(id / 250) % 256}.${((id * 7) % 250) + 1}`;
  const known = host({
    id,
    address,
    reason: "arp-response",
    ttl: undefined,
    mac: `b8:27:eb:00:00:${(id % 256).toString(16).padStart(2, "0")}`,
  });
  yield { ...known, at: foundAt };
  yield { type: "host-names", hostId: id, names: [`${role.name}-${id}.corp.example`] };
  const isBehindFirewall = random() < 0.4;
  const left = Array.from({ length: 1000 - role.tcp.length }, (_, at) => 10_000 + at);
  yield run(id, isBehindFirewall ? { ...silent } : {}, Uint16Array.from(left));
  for (const number of role.tcp) yield port(number, random() < 0.06 ? FILTERED : { rttMs: 0.1 + random() }, id);
  for (const number of role.udp) yield port(number, { protocol: "udp", technique: "udp", reason: "udp-response" }, id);
  yield { ...hostDone({ hostId: id, rttMs: 0.2 + random() }), at: doneAt };
  return role.udp.length;
}

const silent = { state: "filtered", reason: "no-response", ttl: undefined, tries: 3 } as const;

/** What a network may put into names, banners and scripts. */
export const HOSTILE_TEXTS: readonly string[] = [
  "<script>alert(1)</script>",
  '"><img src=x onerror=alert(1)>',
  "'><svg onload=alert(1)>",
  "</title></style></template></main><script>alert(1)</script>",
  "<!--",
  "]]>",
  "a\u202eb\u2066c",
  "nul\0esc\x1b[31mred\x9b1m\r\n<b>next",
  "\ud800lone",
  "&lt;already&gt; &amp;",
  `long${"x".repeat(300)}`,
  "\u05d0\u05d1\u05d2 right to left",
];

/** A scan in which every text from outside is one of them. */
export const HOSTILE_SCAN: readonly Event[] = [
  { ...START, targets: HOSTILE_TEXTS, version: "<b>1", startedAt: '"><script>alert(1)</script>' },
  ...HOSTILE_TEXTS.flatMap((text, id): readonly Event[] => [
    { type: "technique", choice: { role: "ports", technique: text, transport: text, because: text } },
    { type: "notice", level: "warning", code: "x", text },
    host({
      id,
      address: id === 1 ? text : `10.0.0.${id + 1}`,
      name: text,
      otherAddresses: [text],
      mac: text,
      vendor: text,
    }),
    { type: "host-names", hostId: id, names: [text, text] },
    port(22, { responder: text }, id),
    port(80, {}, id),
    {
      type: "service",
      hostId: id,
      protocol: "tcp",
      port: 22,
      service: {
        name: text,
        method: "probed",
        confidence: 10,
        product: text,
        version: text,
        extraInfo: text,
        hostname: text,
        osType: text,
        deviceType: text,
        tunnel: text,
        cpes: [text],
      },
    },
    {
      type: "os",
      hostId: id,
      os: {
        portsUsed: [],
        matches: [
          { name: text, accuracy: 90, line: 1, classes: [{ vendor: text, family: text, accuracy: 90, cpes: [text] }] },
        ],
        tcpSequence: { class: text, values: text },
      },
    },
    { type: "script", hostId: id, port: undefined, id: text, output: text },
    { type: "script", hostId: undefined, port: undefined, id: text, output: text },
    {
      type: "trace",
      hostId: id,
      technique: text,
      protocol: "tcp",
      port: 80,
      hops: [{ ttl: 1, address: text, rttMs: 1 }],
    },
    hostDone({ hostId: id, marks: [{ code: "rationed", text }] }),
  ]),
  done({ finishedAt: "<script>alert(1)</script>" }),
];
