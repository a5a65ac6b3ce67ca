import { expect, test } from "vitest";
import type { Container } from "../../inside/container-cgroup.js";
import type { InsideView } from "../../inside/inside-view.js";
import type { PublishedPort } from "../../inside/published-port.js";
import type { CompactScanEvent, PortRunEvent } from "../../model/scan-event.js";
import { REPORT_WRITERS } from "../forms.js";
import { grepable } from "../grepable.js";
import { html } from "../html.js";
import { formatNumbers } from "../port-numbers.js";
import { only, portTexts, readText } from "../read-text.test.data.js";
import { PLAIN_OPTIONS, writeWith } from "../rich-scan.test.data.js";
import { type InsideReportContext, insideEvents } from "./inside-events.js";
import { controlGroupOf, heldBy, OTHER, OWN, processOf, viewOf, waiting } from "./inside-view.test.data.js";

const CONTEXT: InsideReportContext = {
  version: "0.1.0",
  startedAt: "2026-11-23T15:10:07.000Z",
  finishedAt: "2026-11-23T15:10:07.040Z",
  elapsedMs: 40,
  hostName: "box",
  userNames: new Map([
    [0, "root"],
    [33, "www-data"],
  ]),
  source: { transport: "sock_diag", because: "the kernel knows" },
  protocols: ["tcp", "udp", "sctp"],
  families: new Set(),
  ports: [],
};

function eventsOf(view: InsideView, context: Partial<InsideReportContext> = {}): readonly CompactScanEvent[] {
  return [...insideEvents(view, { ...CONTEXT, ...context })];
}

function ofType<Type extends CompactScanEvent["type"]>(events: readonly CompactScanEvent[], type: Type) {
  return events.filter((event): event is Extract<CompactScanEvent, { type: Type }> => event.type === type);
}

/** "10.0.0.5 tcp 22", for each open port. */
function openTexts(events: readonly CompactScanEvent[]): readonly string[] {
  const addresses = new Map(ofType(events, "host").map(({ host }) => [host.id, host.address]));
  return ofType(events, "port-run").flatMap(({ hostId, result, ports }) =>
    result.state === "open" ? [...ports].map((port) => `${addresses.get(hostId)} ${result.protocol} ${port}`) : [],
  );
}

const ALL = ["10.0.0.5", "127.0.0.1", "192.168.7.1", "::1", "fe80::1%eth0"];

test("each own address is a host, by the machine's name, with the link address of its interface", () => {
  const events = eventsOf(viewOf());
  expect(ofType(events, "start")[0]).toMatchObject({ targets: ALL, addressCount: 5, portCount: 196_605 });
  const hosts = ofType(events, "host").map(({ host }) => host);
  expect(hosts.map((host) => host.address)).toEqual(ALL);
  expect(hosts[0]).toMatchObject({ name: "box", reason: "localhost-response", mac: "b8:27:eb:00:00:05" });
  expect(hosts[1]?.mac).toBeUndefined();
  expect(events.at(-1)).toMatchObject({ type: "done", counts: { hosts: 5, hostsUp: 5, ports: 983_025, sent: 0 } });
});

test.each([
  ["all of IPv4", waiting("tcp", "0.0.0.0", 22), ["10.0.0.5", "127.0.0.1", "192.168.7.1"]],
  ["all of both", waiting("tcp", "::", 22), ALL],
  ["all of both, where nobody says", waiting("tcp", "::", 22, { socket: { isV6Only: undefined } }), ALL],
  ["all of IPv6", waiting("tcp", "::", 22, { socket: { isV6Only: true } }), ["::1", "fe80::1%eth0"]],
  ["one address", waiting("udp", "192.168.7.1", 22), ["192.168.7.1"]],
  ["a mapped one", waiting("tcp", "::ffff:10.0.0.5", 22), ["10.0.0.5"]],
  ["one of a link", waiting("tcp", "fe80::1", 22, { socket: { interfaceIndex: 2 } }), ["fe80::1%eth0"]],
  ["the same of another link", waiting("tcp", "fe80::1", 22, { socket: { interfaceIndex: 3 } }), []],
  ["an interface", waiting("udp", "0.0.0.0", 22, { socket: { interfaceIndex: 2 } }), ["10.0.0.5"]],
  [
    "several addresses",
    waiting("sctp", "10.0.0.5", 22, {
      socket: { moreLocals: [waiting("tcp", "192.168.7.1", 1).socket].flatMap(localOf) },
    }),
    ["10.0.0.5", "192.168.7.1"],
  ],
  ["a group", waiting("udp", "224.0.0.251", 22), []],
  ["a connection", waiting("tcp", "10.0.0.5", 22, { socket: { state: "established" } }), []],
  ["a port that is only held", waiting("tcp", "10.0.0.5", 22, { socket: { state: "bound-inactive" } }), []],
  ["another namespace", waiting("tcp", "0.0.0.0", 22, { namespace: OTHER }), []],
  ["a protocol that scans do not have", waiting("udplite", "0.0.0.0", 22), []],
] as const)("open where a scan would find it: %s", (_what, socket, addresses) => {
  const protocol = socket.socket.kind === "inet" ? socket.socket.protocol : "";
  expect(openTexts(eventsOf(viewOf(socket)))).toEqual(addresses.map((text) => `${text} ${protocol} 22`));
});

function localOf(socket: ReturnType<typeof waiting>["socket"]) {
  return socket.kind === "inet" ? [socket.local] : [];
}

test("all of 127.0.0.0/8 is the machine's own: what is bound there is a host", () => {
  const events = eventsOf(viewOf(waiting("udp", "127.0.0.53", 53), waiting("udp", "0.0.0.0", 68)));
  expect(openTexts(events).filter((text) => text.startsWith("127."))).toEqual([
    "127.0.0.1 udp 68",
    "127.0.0.53 udp 53",
    "127.0.0.53 udp 68",
  ]);
});

test("what is not open is closed, port by port, and says why", () => {
  const events = eventsOf(viewOf(waiting("tcp", "0.0.0.0", 22), waiting("tcp", "0.0.0.0", 65_535)));
  const runs = ofType(events, "port-run").filter(({ hostId, result }) => hostId === 0 && result.protocol === "tcp");
  expect(runs.map(runText)).toEqual(["open listening 22,65535", "closed not-listening 1-21,23-65534"]);
  expect(runs[1]).toMatchObject({ result: { technique: "sockets", tries: 0 } });
});

function runText({ result, ports }: PortRunEvent): string {
  return `${result.state} ${result.reason} ${formatNumbers(ports.slice())}`;
}

test("protocols, families and ports that were not asked for are not told", () => {
  const view = viewOf(waiting("tcp", "::", 22), waiting("tcp", "::", 80), waiting("udp", "::", 53));
  const events = eventsOf(view, { protocols: ["tcp"], families: new Set([6]), ports: [[80, 90]] });
  expect(ofType(events, "start")[0]?.portScans).toEqual([
    { technique: "sockets", protocol: "tcp", portCount: 11, ports: "80-90" },
  ]);
  expect(openTexts(events)).toEqual(["::1 tcp 80", "fe80::1%eth0 tcp 80"]);
  expect(ofType(events, "port-run")[1]?.ports).toHaveLength(10);
});

test("who has a port: the oldest of its processes, the kernel, or who has made the socket", () => {
  const view = viewOf(
    waiting("tcp", "10.0.0.5", 80, heldBy(processOf(90, "nginx", 33), processOf(33, "nginx", 0, "nginx.service"))),
    waiting("tcp", "10.0.0.5", 2049, { ownership: "kernel", kernelOwner: "NFS server" }),
    waiting("tcp", "10.0.0.5", 2050, { ownership: "kernel" }),
    waiting("tcp", "10.0.0.5", 3306, { socket: { uid: 105 } }),
    waiting("tcp", "10.0.0.5", 3307, { socket: { uid: undefined } }),
  );
  expect(ofType(eventsOf(view), "owner").map(({ port, owner }) => [port, owner])).toEqual([
    [80, { process: "nginx", pid: 33, user: "root", unit: "nginx.service", otherCount: 1 }],
    [2049, { kernel: "NFS server" }],
    [2050, { kernel: "kernel" }],
    [3306, { user: "105" }],
  ]);
});

test("of two sockets with one port, the one that is bound more closely gets what comes", () => {
  const view = viewOf(
    waiting("udp", "::", 53, heldBy(processOf(1, "both"))),
    waiting("udp", "0.0.0.0", 53, heldBy(processOf(2, "all"))),
    waiting("udp", "0.0.0.0", 53, { ...heldBy(processOf(3, "eth0")), socket: { interfaceIndex: 2 } }),
    waiting("udp", "127.0.0.1", 53, heldBy(processOf(4, "one"))),
    waiting("udp", "127.0.0.1", 53, heldBy(processOf(5, "one"))),
  );
  expect(
    ofType(eventsOf(view), "owner").map(({ hostId, owner }) => [ALL[hostId], owner.process, owner.otherCount]),
  ).toEqual([
    ["10.0.0.5", "eth0", undefined],
    ["127.0.0.1", "one", 1],
    ["192.168.7.1", "all", undefined],
    ["::1", "both", undefined],
    ["fe80::1%eth0", "both", undefined],
  ]);
});

test("where sockets may be missing, ports without one are not decided, and a notice says why", () => {
  const gap = {
    code: "denied",
    what: "the sockets of tcp6",
    why: "refused",
    table: "tcp6",
    namespace: OWN.number,
  } as const;
  const events = eventsOf({ ...viewOf(waiting("tcp", "10.0.0.5", 22)), gaps: [gap] });
  expect(ofType(events, "host-done")[0]?.undecided).toEqual([{ protocol: "tcp", count: 65_534 }]);
  expect(
    ofType(events, "port-run")
      .filter(({ result }) => result.protocol === "tcp")
      .map(runText),
  ).toEqual(["open listening 22"]);
  expect(ofType(events, "notice")).toEqual([
    { type: "notice", level: "warning", code: "inside-gap", text: "Not known: the sockets of tcp6: refused" },
  ]);
});

test.each([
  { code: "denied", what: "the processes of 3 sockets", why: "of others" } as const,
  { code: "denied", what: "sockets", why: "of another", table: "tcp", namespace: OTHER.number } as const,
  { code: "malformed", what: "1 line", why: "odd", table: "udplite6", namespace: OWN.number } as const,
])("a gap that hides no port of the report leaves none undecided: $what", (gap) => {
  const events = eventsOf({ ...viewOf(), gaps: [gap] });
  expect(ofType(events, "host-done").flatMap(({ undecided }) => undecided)).toEqual([]);
  expect(ofType(events, "notice")).toHaveLength(1);
});

test("says what it leaves out: other namespaces, groups, and all where no address is known", () => {
  const elsewhere = waiting("tcp", "0.0.0.0", 80, { namespace: OTHER });
  const codes = (view: InsideView) => ofType(eventsOf(view), "notice").map(({ level, code }) => `${level} ${code}`);
  expect(codes(viewOf(elsewhere))).toEqual(["warning inside-namespaces"]);
  expect(codes(viewOf(waiting("udp", "224.0.0.251", 5353)))).toEqual(["info inside-no-place"]);
  const bare = { ...OWN, network: { addresses: [], nameByIndex: new Map(), routedInterfaces: new Set<string>() } };
  const alone = waiting("tcp", "0.0.0.0", 22, { namespace: bare });
  expect(codes({ ...viewOf(alone), namespaces: [bare] })).toEqual([
    "warning inside-no-address",
    "info inside-no-place",
  ]);
});

const ONE = OWN.network.addresses.filter(
  ({ address: { family }, interfaceName }) => family === 4 && interfaceName === "eth0",
);
const ALONE = { ...OWN, network: { ...OWN.network, addresses: ONE } };
const NGINX = heldBy(processOf(33, 'ng"inx\n<', 33, "nginx.service"), processOf(34, "nginx"));
const SMALL = eventsOf({
  ...viewOf(
    waiting("tcp", "0.0.0.0", 80, { ...NGINX, namespace: ALONE }),
    waiting("tcp", "0.0.0.0", 2049, { ownership: "kernel", kernelOwner: "NFS server", namespace: ALONE }),
    waiting("udp", "0.0.0.0", 53, { socket: { uid: 33 }, namespace: ALONE }),
    waiting("tcp", "0.0.0.0", 80, { namespace: OTHER }),
  ),
  namespaces: [ALONE, OTHER],
});

test("a container by its name, or by its id", () => {
  const container: Container = { runtime: "docker", id: "4f5c", pod: undefined, role: "payload" };
  const web = { ...processOf(7, "nginx"), controlGroup: controlGroupOf("docker.service", container) };
  const view = viewOf(waiting("tcp", "10.0.0.5", 80, heldBy(web)));
  const facts = { name: "web", image: undefined, pod: undefined, runtime: "docker", ports: [] } as const;
  const ownerIn = (containers: InsideView["containers"]) =>
    ofType(eventsOf({ ...view, containers }), "owner")[0]?.owner;
  expect(ownerIn(new Map())).toMatchObject({ unit: "docker.service", container: "docker 4f5c" });
  expect(ownerIn(new Map([["4f5c", { container, facts }]]))).toMatchObject({ container: "docker web" });
});

test("ports that lead elsewhere are not called closed", () => {
  const way: PublishedPort = {
    protocol: "tcp",
    family: 4,
    hostAddress: "10.0.0.5",
    hostPorts: [8080, 8081],
    inInterface: undefined,
    sources: [],
    hooks: [],
    target: "address",
    toAddress: "172.17.0.2",
    toPorts: undefined,
    isShared: false,
    by: "a rule",
    isCertain: true,
  };
  const view = viewOf(waiting("tcp", "0.0.0.0", 8081));
  const pathsOf = (...published: readonly PublishedPort[]) => {
    const events = eventsOf(
      { ...view, published },
      { protocols: ["tcp"], ports: [[8079, 8082]], families: new Set([4]) },
    );
    return [
      ofType(events, "port-run").map(runText),
      ofType(events, "host-done").map(({ undecided }) => undecided[0]?.count),
    ];
  };
  const ordinary = ["open listening 8081", "closed not-listening 8079-8080,8082"];
  const published = ["open listening 8081", "closed not-listening 8079,8082"];
  expect(pathsOf(way)).toEqual([
    [...published, ...ordinary, ...ordinary],
    [1, undefined, undefined],
  ]);
  expect(pathsOf({ ...way, hostAddress: undefined })).toEqual([
    [...published, ...published, ...published],
    [1, 1, 1],
  ]);
  expect(pathsOf({ ...way, hostAddress: "10.0.0.0/8", hostPorts: undefined })[1]).toEqual([3, 3, 3]);
  const none = [
    { ...way, protocol: "udp" },
    { ...way, family: 6 as const },
    { ...way, target: "same" as const },
  ];
  expect(pathsOf(...none)).toEqual([
    [...ordinary, ...ordinary, ...ordinary],
    [undefined, undefined, undefined],
  ]);
});

test.each(REPORT_WRITERS.filter(({ name }) => name !== "html"))("$name shows who has a port", async (writer) => {
  const text = writeWith(writer, SMALL, { words: ["postern", "sockets", writer.option, "x"] });
  await expect(text).toMatchFileSnapshot(`inside-events.test.data/small.${writer.name}`);
});

test("HTML shows who has a port, and no name is markup", () => {
  const page = writeWith(html, SMALL);
  expect(page).toContain(
    "<td><bdi>ng&quot;inx\\x0a&lt;[33] +1</bdi> <small><bdi>www-data</bdi>, <bdi>nginx.service</bdi></small></td>",
  );
  expect(page).toContain("<td><bdi>kernel: NFS server</bdi></td>");
  expect(page).not.toContain("--seed");
});

test.each(["xml", "jsonl"])("%s reads back as it was written", async (name) => {
  const writer = REPORT_WRITERS.find((one) => one.name === name);
  const events = await readText(SMALL.map(writer?.open({ ...PLAIN_OPTIONS }) ?? (() => "")).join(""));
  expect([...portTexts(events)].sort()).toEqual([...portTexts(SMALL)].sort());
  // XML has no line feed in an attribute that a reader would give back.
  const process = name === "xml" ? 'ng"inx\\x0a<' : 'ng"inx\n<';
  expect(only(events, "owner").map(({ port, owner }) => [port, owner])).toEqual([
    [80, { process, pid: 33, user: "www-data", unit: "nginx.service", otherCount: 1 }],
    [2049, { kernel: "NFS server" }],
    [53, { user: "www-data" }],
  ]);
  expect(events[0]).toMatchObject({ portScans: only(SMALL, "start")[0]?.portScans });
  expect(only(events, "notice")).toEqual(only(SMALL, "notice"));
  expect(only(events, "port").map(({ result }) => result)).toMatchObject(
    Array.from({ length: 3 }, () => ({ technique: "sockets", tries: 0, reason: "listening" })),
  );
});

test("the grepable form keeps the user and every port", async () => {
  const events = await readText(writeWith(grepable, SMALL));
  expect(only(events, "owner").map(({ port, owner }) => [port, owner])).toEqual([
    [80, { user: "www-data" }],
    [53, { user: "www-data" }],
  ]);
  expect(portTexts(events)).toHaveLength(3 * 65_535);
});
