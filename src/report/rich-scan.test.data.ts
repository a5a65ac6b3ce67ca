// A scan with something of everything: what the golden files of the forms for programs are made of.
import { type CompactScanEvent, NO_RTT_US, type ScanEvent } from "../model/scan-event.js";
import { CLOSED, done, FILTERED, host, hostDone, port, ports, START } from "./normal-events.test.data.js";
import type { ReportOptions, ReportWriter } from "./report-writer.js";

const SERVICES = new Map([
  ["tcp 22", "ssh"],
  ["tcp 80", "http"],
  ["tcp 443", "https"],
  ["udp 53", "domain"],
  ["ip 6", "tcp"],
]);

/** Options as `postern -oX …` gives them. */
export const PLAIN_OPTIONS: ReportOptions = {
  showReason: false,
  onlyOpen: false,
  verbosity: 0,
  showNotices: true,
  words: ["postern", "-oX", "scan results.xml", "--open", "web", "10.0.0.0/29"],
  serviceName: (number, protocol) => SERVICES.get(`${protocol} ${number}`),
  vendorOf: (mac) => (mac.startsWith("b8:27:eb") ? "Raspberry Pi Foundation" : undefined),
};

/** The whole report. */
export function writeWith(
  writer: ReportWriter,
  events: readonly (ScanEvent | CompactScanEvent)[],
  options: Partial<ReportOptions> = {},
): string {
  return events.map(writer.open({ ...PLAIN_OPTIONS, ...options })).join("");
}

const UP_AT = "2026-11-23T15:10:07.500Z";
const LOSS = { lossShare: 0.3, missedEstimate: 2.7 };

/** Every event that there is, and a host of every kind. */
export const RICH_SCAN: readonly (ScanEvent | CompactScanEvent)[] = [
  {
    ...START,
    targets: ["web", "10.0.0.0/29"],
    addressCount: 9,
    portScans: [
      { technique: "tcp-syn", protocol: "tcp", portCount: 1000, ports: "1-1000" },
      { technique: "udp", protocol: "udp", portCount: 2, ports: "53,161" },
    ],
  },
  { type: "script", hostId: undefined, port: undefined, id: "broadcast-ping", output: "nobody" },
  {
    type: "technique",
    choice: { role: "discovery", technique: "icmp-echo", transport: "raw IP", because: "root may send raw packets" },
  },
  {
    type: "technique",
    choice: { role: "ports", technique: "tcp-syn", transport: "raw IP", because: "root may send raw packets" },
  },
  { type: "notice", level: "warning", code: "no-route", text: "no route to 10.0.0.7" },
  { type: "notice", level: "info", code: "forwarding", text: "this machine forwards" },
  {
    ...host({ name: "web", otherAddresses: ["10.0.0.9", "::9"], mac: "b8:27:eb:01:02:03", reason: "arp-response" }),
    at: UP_AT,
  },
  {
    type: "progress",
    phase: "ports",
    shareDone: 0.5,
    ratePps: 1000,
    elapsedMs: 11_000,
    leftMs: 10_600,
    counts: { ...done().counts, hosts: 3 },
  },
  port(22, { rttMs: 0.4 }),
  port(80, { rttMs: 0.6, tries: 2 }),
  port(443),
  port(8443),
  ...ports(100, 20, CLOSED),
  {
    type: "port-run",
    hostId: 0,
    result: { protocol: "udp", ...CLOSED, technique: "udp", ttl: 64, tries: 1, responder: undefined },
    ports: Uint16Array.from([161, 162, 163, 170, 169, 168]),
    rttsUs: new Uint32Array(6).fill(NO_RTT_US),
  },
  ...ports(200, 2, { state: "filtered", reason: "admin-prohibited", responder: "10.0.0.254", ttl: 63 }),
  ...ports(300, 2, { ...FILTERED, reason: "no-response-lossy" }),
  port(53, { protocol: "udp", state: "open|filtered", reason: "no-response", ttl: undefined, rttMs: undefined }),
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
      version: "9.2p1 Debian 2+deb12u3",
      extraInfo: "protocol 2.0",
      osType: "Linux",
      cpes: ["cpe:/a:openbsd:openssh:9.2p1", "cpe:/o:linux:linux_kernel"],
    },
  },
  {
    type: "service",
    hostId: 0,
    protocol: "tcp",
    port: 443,
    service: {
      name: "http",
      method: "probed",
      confidence: 10,
      product: "Apache httpd",
      version: "2.4/57",
      tunnel: "ssl",
      hostname: "web.lab",
      deviceType: "webcam",
      cpes: [],
    },
  },
  {
    type: "service",
    hostId: 0,
    protocol: "tcp",
    port: 8443,
    service: { name: "https-alt", method: "table", confidence: 3, fingerprint: 'SF-Port8443-TCP:"x"', cpes: [] },
  },
  {
    type: "script",
    hostId: 0,
    port: { protocol: "tcp", port: 22 },
    id: "ssh-hostkey",
    output: "\n  256 aa:bb (ED25519)\n\tend",
  },
  { type: "script", hostId: 0, port: undefined, id: "nbstat", output: "NetBIOS name: WEB" },
  {
    type: "os",
    hostId: 0,
    os: {
      portsUsed: [
        { state: "open", protocol: "tcp", port: 22 },
        { state: "closed", protocol: "tcp", port: 100 },
      ],
      matches: [
        {
          name: "Linux 5.0 - 5.14",
          accuracy: 100,
          line: 67_000,
          classes: [
            {
              type: "general purpose",
              vendor: "Linux",
              family: "Linux",
              generation: "5.X",
              accuracy: 100,
              cpes: ["cpe:/o:linux:linux_kernel:5"],
            },
          ],
        },
        {
          name: "Maybe this",
          accuracy: 90,
          line: 1,
          classes: [{ vendor: "Some", family: "Thing", accuracy: 90, cpes: [] }],
        },
      ],
      uptimeSeconds: 3600,
      lastBoot: "Mon Nov 23 14:10:07 2026",
      distance: 1,
      tcpSequence: { class: "Good luck!", index: 261, values: "F1D235E7,F4CB8739" },
      ipIdSequence: { class: "All zeros", values: "0,0,0,0,0,0" },
      tcpTimestamps: { class: "1000HZ", values: "1,2" },
    },
  },
  {
    type: "trace",
    hostId: 0,
    technique: "tcp-syn",
    protocol: "tcp",
    port: 22,
    hops: [
      { ttl: 1, address: "10.0.0.254", rttMs: 0.1 },
      { ttl: 2, address: undefined, rttMs: undefined },
      { ttl: 3, address: "10.0.0.1", rttMs: 0.456 },
    ],
  },
  { type: "host-names", hostId: 0, names: ["web.lab", "www.lab"] },
  {
    ...hostDone({ loss: LOSS, marks: [{ code: "reset-by-other", text: "2 RSTs came from somebody else." }] }),
    at: "2026-11-23T15:10:18Z",
  },
  {
    ...host({ id: 1, address: "fd00::2", family: 6, reason: "user-set", ttl: undefined, rttMs: undefined }),
    at: UP_AT,
  },
  port(6, { protocol: "ip", reason: "proto-response" }, 1),
  hostDone({
    hostId: 1,
    rttMs: undefined,
    end: "host-timeout",
    undecided: [{ protocol: "tcp", count: 999 }],
  }),
  { type: "host-names", hostId: 2, names: ["down.lab"] },
  host({ id: 2, address: "10.0.0.3", status: "down", reason: "no-response", ttl: undefined, rttMs: undefined }),
  { type: "script", hostId: undefined, port: undefined, id: "late", output: "after all" },
  done({
    elapsedMs: 12_345,
    finishedAt: "2026-11-23T15:10:19.345Z",
    counts: { ...done().counts, hosts: 3, hostsUp: 2 },
    loss: LOSS,
  }),
];
