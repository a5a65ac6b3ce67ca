import { expect, test } from "vitest";
import { MasscanResults } from "./masscan-results.js";
import { ReadReport } from "./read-report.js";
import { noticeCodes, only, portTexts, readerOf, readText } from "./read-text.test.data.js";

// As masscan 1.3.2 wrote them for `masscan 10.77.0.2-10.77.0.3 -p80,81` in two network namespaces; banners by its manual.
const XML = `<?xml version="1.0"?>
<!-- masscan v1.0 scan -->
<nmaprun scanner="masscan" start="1795522079" version="1.0-BETA"  xmloutputversion="1.03">
<scaninfo type="syn" protocol="tcp" />
<host endtime="1795522079"><address addr="10.77.0.3" addrtype="ipv4"/><ports><port protocol="tcp" portid="81"><state state="closed" reason="rst-ack" reason_ttl="64"/></port></ports></host>
<host endtime="1795522080"><address addr="10.77.0.2" addrtype="ipv4"/><ports><port protocol="tcp" portid="80"><state state="open" reason="syn-ack" reason_ttl="64"/></port></ports></host>
<host endtime="1795522081"><address addr="10.77.0.3" addrtype="ipv4"/><ports><port protocol="tcp" portid="80"><state state="open" reason="syn-ack" reason_ttl="64"/></port></ports></host>
<host endtime="1795522082"><address addr="10.77.0.3" addrtype="ipv4"/><ports><port protocol="tcp" portid="80"><state state="open" reason="response" reason_ttl="64" /><service name="http" banner="HTTP/1.0 200 OK&#x0d;"></service></port></ports></host>
<runstats>
<finished time="1795522084" timestr="2026-11-24 12:08:04" elapsed="5" />
<hosts up="3" down="1" total="4" />
</runstats>
</nmaprun>
`;

const JSON_LIST = `[
{   "ip": "10.77.0.3",   "timestamp": "1795522084", "ports": [ {"port": 81, "proto": "tcp", "status": "closed", "reason": "rst-ack", "ttl": 64} ] }
,
{   "ip": "10.77.0.2",   "timestamp": "1795522085", "ports": [ {"port": 80, "proto": "tcp", "status": "open", "reason": "syn-ack", "ttl": 64} ] }
,
{   "ip": "10.77.0.3",   "timestamp": "1795522085", "ports": [ {"port": 80, "proto": "tcp", "status": "open", "reason": "syn-ack", "ttl": 64} ] }
,
{   "ip": "10.77.0.3",   "timestamp": "1795522086", "ports": [ {"port": 80, "proto": "tcp", "service": {"name": "http", "banner": "HTTP/1.0 200 OK\\u000d"} } ] }
]
`;

const JSON_ROWS = `{"ip":"10.77.0.3","timestamp":"1795522113","port":81,"proto":"tcp","rec_type":"status","data":{"status":"closed","reason":"rst-ack","ttl":64}}
{"ip":"10.77.0.2","timestamp":"1795522113","port":80,"proto":"tcp","rec_type":"status","data":{"status":"open","reason":"syn-ack","ttl":64}}
{"ip":"10.77.0.3","timestamp":"1795522113","port":80,"proto":"tcp","rec_type":"status","data":{"status":"open","reason":"syn-ack","ttl":64}}
{"ip":"10.77.0.3","timestamp":"1795522114","port":80,"proto":"tcp","rec_type":"banner","data":{"service_name":"http","banner":"HTTP/1.0 200 OK\\u000d"}}
`;

const LIST = `#masscan
closed tcp 81 10.77.0.3 1795522094
open tcp 80 10.77.0.2 1795522094
open tcp 80 10.77.0.3 1795522094
banner tcp 80 10.77.0.3 1795522095 http HTTP/1.0 200 OK\\x0d
# end
`;

const GREPABLE = `# Masscan 1.3.2 scan initiated Tue Nov 24 12:08:29 2026
# Ports scanned: TCP(2;80-81) UDP(0;) SCTP(0;) PROTOCOLS(0;)
Timestamp: 1795522109\tHost: 10.77.0.3 ()\tPorts: 81/closed/tcp//unknown//
Timestamp: 1795522109\tHost: 10.77.0.2 ()\tPorts: 80/open/tcp//http//
Timestamp: 1795522109\tHost: 10.77.0.3 ()\tPorts: 80/open/tcp//http//
# Masscan done at Tue Nov 24 12:08:33 2026
`;

const FORMS = [
  ["xml", XML],
  ["masscan-json", JSON_LIST],
  ["masscan-json", JSON_ROWS],
  ["masscan-list", LIST],
  ["grepable", GREPABLE],
] as const;

test.each(FORMS)("%s: the ports of a host are put together, whatever order they came in", async (name, text) => {
  expect(readerOf(text)?.name).toBe(name);
  const events = await readText(text, { pieceUnits: 13 });
  expect(events[0]).toMatchObject({ type: "start", scanner: "masscan" });
  expect(only(events, "host").map(({ host }) => host.address)).toEqual(["10.77.0.3", "10.77.0.2"]);
  expect(portTexts(events).map((port) => port.split(" ").slice(0, 2).join(" "))).toEqual([
    "81/tcp closed",
    "80/tcp open",
    "80/tcp open",
  ]);
  expect(events.at(-1)).toMatchObject({ isAborted: false, counts: { hosts: 2, hostsUp: 2, ports: 3 } });
  expect(noticeCodes(events)).toEqual([]);
});

test.each(FORMS.slice(0, 3))("%s: reasons become ours", async (_, text) => {
  expect(portTexts(await readText(text))).toEqual([
    "81/tcp closed reset",
    "80/tcp open syn-ack",
    "80/tcp open syn-ack",
  ]);
});

test.each(FORMS.slice(0, 4))("%s: a banner names the service and is kept", async (_, text) => {
  const events = await readText(text);
  expect(only(events, "service")).toMatchObject([{ hostId: 0, port: 80, service: { name: "http", method: "probed" } }]);
  expect(only(events, "script")).toMatchObject([
    { hostId: 0, port: { port: 80 }, id: "masscan-http", output: expect.stringContaining("HTTP/1.0 200 OK") },
  ]);
});

test.each([
  ["a comma behind the last object", JSON_LIST.replace("\n]", ",\n]")],
  ["`finished` at the end", JSON_LIST.replace("\n]", ",\n{finished: 1}\n]")],
  ["two commas", JSON_LIST.replace("\n,", "\n,,")],
])("JSON with %s is read", async (_, text) => {
  const events = await readText(text);
  expect(portTexts(events)).toHaveLength(3);
  expect(events.at(-1)).toMatchObject({ isAborted: false });
});

test.each([
  ["JSON", JSON_LIST, JSON_LIST.indexOf("}") + 2],
  ["a list", LIST, LIST.indexOf("\n", 10) + 1],
  ["XML", XML, XML.indexOf("<host") + 20],
])("%s that is cut anywhere is read up to there, and ends as stopped", async (_, text, from) => {
  for (let length = from; length < text.trimEnd().length - 1; length += 7) {
    const events = await readText(text.slice(0, length));
    expect(events.at(-1)).toMatchObject({ type: "done", isAborted: true });
    expect(noticeCodes(events)).toContain("cut-report");
  }
});

test("hosts that answered to ICMP or ARP are up, without a port", async () => {
  const events = await readText(
    '[{"ip":"10.0.0.1","timestamp":"1","ports":[{"port":0,"proto":"icmp","status":"open"}]}]',
  );
  expect(only(events, "host")[0]?.host).toMatchObject({ status: "up", reason: "echo-reply" });
  expect(portTexts(events)).toEqual([]);
});

test("more results than are held are told in parts, with a notice", () => {
  const report = new ReadReport();
  const results = new MasscanResults(report, 3);
  report.start({});
  for (let port = 1; port <= 8; port += 1) {
    const facts = { protocol: "tcp", state: "open", reason: "syn-ack", ttl: 64, at: undefined };
    results.add({ ...facts, address: "10.0.0.1", port });
  }
  results.flush();
  const events = report.drain();
  expect(only(events, "host").map(({ host }) => host.id)).toEqual([0, 1, 2]);
  expect(portTexts(events)).toHaveLength(8);
  expect(noticeCodes(events)).toEqual(["left-out"]);
});

test.each([
  ["JSON that is none", '[\n{"ip": "10.0.0.1", ports}\n]', /report:2:1: this is no result/],
  ["words between objects", '[\n{"ip":"10.0.0.1","ports":[]}\n x', /report:3:2: "x" between two objects/],
  ["deep nesting", `[{"ip":${"[".repeat(100)}`, /nested deeper than 64/],
  ["an object without end", `[{"ip":"${"x".repeat(17 * 1024 * 1024)}`, /more than 16777216 characters/],
  ["a line that is none", "#masscan\nopen tcp banana\n", /report:2: this is no line of masscan's list/],
])("refuses %s, and says where", async (_, text, message) => {
  await expect(readText(text)).rejects.toThrow(message);
});

test.each(["1e308", "-1", "65536", '"x"', "null", "{}"])("port %s is left out with a notice", async (port) => {
  const text = `[{"ip":"10.0.0.1","timestamp":"-1","ports":[{"port":${port},"proto":"tcp","status":"open","ttl":1e9}]}]`;
  const events = await readText(text);
  expect(portTexts(events)).toEqual([]);
  expect(noticeCodes(events)).toEqual(["odd-value"]);
});
