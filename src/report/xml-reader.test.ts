import { expect, test } from "vitest";
import { InputError } from "../model/errors.js";
import { noticeCodes, only, portTexts, readText } from "./read-text.test.data.js";

const HEAD = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE nmaprun>
<?xml-stylesheet href="file:///usr/share/nmap/nmap.xsl" type="text/xsl"?>
<!-- Nmap 7.93 scan initiated Tue Nov 24 12:06:44 2026 as: nmap -sS -p 20-29 10.0.0.1 -->
<nmaprun scanner="nmap" args="nmap -sS -p 20-29 10.0.0.1" start="1795522004" version="7.93" xmloutputversion="1.05">
<scaninfo type="syn" protocol="tcp" numservices="10" services="20-29"/>
<verbose level="0"/>
<debugging level="0"/>
`;
const END = `<runstats><finished time="1795522014" elapsed="9.50" exit="success"/><hosts up="1" down="2" total="3"/></runstats>
</nmaprun>
`;

/** A report with these elements of one host. */
function withHost(inside: string): string {
  return `${HEAD}<host starttime="1795522005" endtime="1795522013"><status state="up" reason="echo-reply" reason_ttl="63"/>
<address addr="10.0.0.1" addrtype="ipv4"/>
${inside}
</host>
${END}`;
}

const LISTED = '<port protocol="tcp" portid="22"><state state="open" reason="syn-ack" reason_ttl="63"/></port>';

test("start, end and host are nmap's", async () => {
  const events = await readText(
    withHost(`<address addr="0A:00:00:00:00:01" addrtype="mac" vendor="Maker"/>
<hostnames><hostname name="written.lab" type="user"/><hostname name="found.lab" type="PTR"/></hostnames>
<ports>${LISTED}</ports><times srtt="512" rttvar="60" to="100000"/>`),
  );
  expect(events[0]).toEqual({
    type: "start",
    version: "7.93",
    scanner: "nmap",
    commandLine: "nmap -sS -p 20-29 10.0.0.1",
    startedAt: "2026-11-24T12:06:44.000Z",
    targets: [],
    addressCount: 0,
    portCount: 10,
    portScans: [{ technique: "tcp-syn", protocol: "tcp", portCount: 10, ports: "20-29" }],
    seed: 0,
  });
  expect(only(events, "host")).toEqual([
    {
      type: "host",
      at: "2026-11-24T12:06:45.000Z",
      host: {
        id: 0,
        address: "10.0.0.1",
        family: 4,
        name: "written.lab",
        otherAddresses: [],
        status: "up",
        reason: "echo-reply",
        ttl: 63,
        rttMs: undefined,
        mac: "0a:00:00:00:00:01",
        vendor: "Maker",
      },
    },
  ]);
  expect(only(events, "host-names")[0]?.names).toEqual(["found.lab"]);
  expect(only(events, "host-done")[0]).toMatchObject({ at: "2026-11-24T12:06:53.000Z", rttMs: 0.512, end: "done" });
  expect(events.at(-1)).toMatchObject({
    type: "done",
    finishedAt: "2026-11-24T12:06:54.000Z",
    elapsedMs: 9500,
    counts: { hosts: 3, hostsUp: 1, ports: 1 },
    isAborted: false,
  });
  expect(noticeCodes(events)).toEqual([]);
});

test("services, scripts, system and trace are read", async () => {
  const events = await readText(
    withHost(`<ports><port protocol="tcp" portid="22"><state state="open" reason="syn-ack" reason_ttl="63" reason_ip="10.0.0.254"/>
<service name="ssh" product="OpenSSH" version="9.2" extrainfo="x&amp;y" ostype="Linux" tunnel="ssl" method="probed" conf="10"><cpe>cpe:/a:openbsd:openssh:9.2</cpe></service>
<script id="banner" output="a&#xa;b"><elem key="k">v</elem></script></port></ports>
<os><portused state="open" proto="tcp" portid="22"/><osmatch name="Linux 5.x" accuracy="96" line="68062">
<osclass type="general purpose" vendor="Linux" osfamily="Linux" osgen="5.X" accuracy="96"><cpe>cpe:/o:linux:linux_kernel:5</cpe></osclass></osmatch></os>
<uptime seconds="13" lastboot="Tue Nov 24 12:07:00 2026"/><distance value="2"/>
<tcpsequence index="264" difficulty="Good luck!" values="E1,44"/><ipidsequence class="All zeros" values="0,0"/><tcptssequence class="other" values="A,8"/>
<hostscript><script id="whole" output="host"/></hostscript>
<trace port="80" proto="tcp"><hop ttl="1" ipaddr="10.0.0.254" rtt="0.32" host="gw"/><hop ttl="2" ipaddr="10.0.0.1" rtt="--"/></trace>`),
  );
  expect(only(events, "port")[0]?.result).toMatchObject({ responder: "10.0.0.254", ttl: 63, technique: "tcp-syn" });
  expect(only(events, "service")[0]?.service).toEqual({
    name: "ssh",
    method: "probed",
    confidence: 10,
    product: "OpenSSH",
    version: "9.2",
    extraInfo: "x&y",
    osType: "Linux",
    tunnel: "ssl",
    cpes: ["cpe:/a:openbsd:openssh:9.2"],
  });
  expect(only(events, "script").map(({ port, id, output }) => [port?.port, id, output])).toEqual([
    [22, "banner", "a\nb"],
    [undefined, "whole", "host"],
  ]);
  expect(only(events, "os")[0]?.os).toEqual({
    portsUsed: [{ state: "open", protocol: "tcp", port: 22 }],
    matches: [
      {
        name: "Linux 5.x",
        accuracy: 96,
        line: 68062,
        classes: [
          {
            type: "general purpose",
            vendor: "Linux",
            family: "Linux",
            generation: "5.X",
            accuracy: 96,
            cpes: ["cpe:/o:linux:linux_kernel:5"],
          },
        ],
      },
    ],
    uptimeSeconds: 13,
    lastBoot: "Tue Nov 24 12:07:00 2026",
    distance: 2,
    tcpSequence: { class: "Good luck!", index: 264, values: "E1,44" },
    ipIdSequence: { class: "All zeros", values: "0,0" },
    tcpTimestamps: { class: "other", values: "A,8" },
  });
  expect(only(events, "trace")[0]).toMatchObject({
    protocol: "tcp",
    port: 80,
    hops: [
      { ttl: 1, address: "10.0.0.254", rttMs: 0.32 },
      { ttl: 2, address: "10.0.0.1", rttMs: undefined },
    ],
  });
});

test("ports that are counted are those that the report lists for them", async () => {
  const extra =
    '<extraports state="closed" count="9"><extrareasons reason="reset" count="9" proto="tcp" ports="20-21,23-29"/></extraports>';
  const events = await readText(withHost(`<ports>${extra}${LISTED}</ports>`));
  expect(portTexts(events)).toHaveLength(10);
  expect(portTexts(events)).toContain("29/tcp closed reset");
  expect(only(events, "port-run")).toHaveLength(1);
});

test("an older report's counted ports are those that were asked and are not listed", async () => {
  const extra = '<extraports state="closed" count="9"><extrareasons reason="resets" count="9"/></extraports>';
  const events = await readText(withHost(`<ports>${extra}${LISTED}</ports>`));
  expect(portTexts(events).filter((text) => text.endsWith("closed reset"))).toHaveLength(9);
  expect(noticeCodes(events)).toEqual([]);
});

test("where an older report leaves open which ports are counted, a notice says so and nothing is made up", async () => {
  const extra =
    '<extraports state="closed" count="4"><extrareasons reason="resets" count="4"/></extraports><extraports state="filtered" count="5"><extrareasons reason="no-responses" count="5"/></extraports>';
  const events = await readText(withHost(`<ports>${extra}${LISTED}</ports>`));
  expect(portTexts(events)).toEqual(["22/tcp open syn-ack"]);
  expect(noticeCodes(events)).toEqual(["unknown-ports"]);
  expect(only(events, "host-done")[0]?.undecided).toEqual([{ protocol: "tcp", count: 9 }]);
});

test("several reasons of one state leave the state certain", async () => {
  const extra =
    '<extraports state="filtered" count="9"><extrareasons reason="host-unreaches" count="2"/><extrareasons reason="no-responses" count="7"/></extraports>';
  const events = await readText(withHost(`<ports>${extra}${LISTED}</ports>`));
  expect(portTexts(events)).toContain("20/tcp filtered no-response");
  expect(noticeCodes(events)).toEqual(["unknown-ports"]);
});

test("a port that comes twice counts once", async () => {
  const extra =
    '<extraports state="closed" count="10"><extrareasons reason="reset" count="10" proto="tcp" ports="20-29"/></extraports>';
  const events = await readText(withHost(`<ports>${LISTED}${LISTED}${extra}</ports>`));
  expect(portTexts(events)).toHaveLength(10);
  expect(portTexts(events)).toContain("22/tcp open syn-ack");
  expect(noticeCodes(events)).toEqual(["left-out"]);
});

test.each([
  [
    "state",
    '<port protocol="tcp" portid="22"><state state="banana" reason="syn-ack"/></port>',
    "22/tcp open|filtered syn-ack",
  ],
  [
    "reason",
    '<port protocol="tcp" portid="22"><state state="open" reason="banana"/></port>',
    "22/tcp open unknown-response",
  ],
  [
    "prototype",
    '<port protocol="tcp" portid="22"><state state="open" reason="constructor"/></port>',
    "22/tcp open unknown-response",
  ],
])("an unknown %s becomes what claims least, with a notice", async (_, port, text) => {
  const events = await readText(withHost(`<ports>${port}</ports>`));
  expect(portTexts(events)).toEqual([text]);
  expect(noticeCodes(events)).toEqual(["unknown-word"]);
});

test.each(["1e308", "65536", "-1", "", "0x16", "22.5", "99999999999999999999"])("%s is no port", async (portid) => {
  const events = await readText(
    withHost(`<ports><port protocol="tcp" portid="${portid}"><state state="open" reason="syn-ack"/></port></ports>`),
  );
  expect(portTexts(events)).toEqual([]);
  expect(noticeCodes(events)).toEqual(["odd-value"]);
});

test("times that cannot be are none", async () => {
  for (const time of ["-5", "1e308", "99999999999999", "x"]) {
    const events = await readText(withHost("").replace("1795522005", time).replace("1795522004", time));
    expect(only(events, "host")[0]?.at).toBeUndefined();
    expect(events[0]).toMatchObject({ startedAt: "1970-01-01T00:00:00.000Z" });
  }
});

test("a million odd words are a few notices", async () => {
  const ports = Array.from(
    { length: 1000 },
    (_, port) => `<port protocol="tcp" portid="${port}"><state state="open" reason="r${port}"/></port>`,
  );
  const codes = noticeCodes(await readText(withHost(`<ports>${ports.join("")}</ports>`)));
  expect(codes).toHaveLength(11);
});

const LAUGHS = `<?xml version="1.0"?>
<!DOCTYPE nmaprun [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>
<nmaprun scanner="nmap" args="&b;" version="7">`;

test.each([
  ["declarations of its own", LAUGHS, /:2:\d+: a document type with declarations/],
  ["an entity that is not XML's", `${HEAD}<host comment="&xxe;"/>`, /:9:\d+: not well-formed XML: undefined entity/],
  ["an entity of a prototype's name", `${HEAD}<host comment="&constructor;"/>`, /undefined entity/],
  ["a tag in a tag", `${HEAD}<host <`, /:9:\d+: not well-formed/],
  ["deep nesting", `${HEAD}${"<a>".repeat(100)}`, /nested deeper than 64/],
  [
    "attributes without end",
    `${HEAD}<host ${Array.from({ length: 100 }, (_, at) => `a${at}=""`).join(" ")}/>`,
    /more than 64/,
  ],
  ["another root", "<nmaprunner/><!DOCTYPE nmaprun>", /the root is "nmaprunner"/],
  ["a second report behind the first", `${withHost("")}${withHost("")}`, /not well-formed/],
  ["no root", "<!DOCTYPE nmaprun>\n", /no nmaprun element/],
])("refuses %s, and says where", async (_, text, message) => {
  const reading = readText(text, { pieceUnits: 1000 });
  await expect(reading).rejects.toThrow(InputError);
  await expect(readText(text, { pieceUnits: 7 })).rejects.toThrow(message);
});

test("refuses an attribute without an end before it fills the memory", async () => {
  const text = `${HEAD}<host comment="${"a".repeat(17 * 1024 * 1024)}`;
  await expect(readText(text)).rejects.toThrow(/more than 16777216 characters/);
});

test("characters that XML forbids are shown, with a notice", async () => {
  const ports = `<ports><port protocol="tcp" portid="22"><state state="open" reason="syn-ack"/><script id="b" output="\0\x1b[31m&#x7;&#27;"/></port></ports>`;
  const events = await readText(withHost(ports));
  expect(only(events, "script")[0]?.output).toBe("\\x00\\x1b[31m&#x7;&#27;");
  expect(noticeCodes(events)).toEqual(["odd-value"]);
});

test("a report that is cut anywhere gives the hosts before that, and ends as stopped", async () => {
  const extra =
    '<extraports state="closed" count="9"><extrareasons reason="reset" count="9" proto="tcp" ports="20-21,23-29"/></extraports>';
  const text = withHost(`<ports>${extra}${LISTED}</ports>`);
  const hostEnd = text.indexOf("</host>") + "</host>".length;
  for (let length = text.indexOf("<nmaprun ") + 1; length < text.length - 2; length += 1) {
    const cut = text.slice(0, length);
    if (length < HEAD.indexOf('"1.05"') + 8) continue; // the root's own tag is not whole
    const events = await readText(cut);
    expect(events[0]?.type).toBe("start");
    expect(events.at(-1)).toMatchObject({ type: "done", isAborted: true });
    expect(portTexts(events)).toHaveLength(length >= hostEnd ? 10 : 0);
  }
});

test("pieces of any size read alike", async () => {
  const text = withHost(`<ports>${LISTED}</ports><hostnames><hostname name="ü𝄞.lab" type="PTR"/></hostnames>`);
  const whole = await readText(text);
  for (const pieceUnits of [1, 2, 3, 17, 1000]) expect(await readText(text, { pieceUnits })).toEqual(whole);
});

test("hosts that are down, listed or without an address", async () => {
  const host = (state: string, address: string) =>
    `<host><status state="${state}" reason="no-response" reason_ttl="0"/><address addr="${address}" addrtype="ipv4"/></host>`;
  const events = await readText(
    `${HEAD}${host("down", "10.0.0.1")}${host("unknown", "10.0.0.2")}${host("up", "banana")}${host("odd", "10.0.0.3")}${END}`,
  );
  expect(only(events, "host").map(({ host: { address, status } }) => [address, status])).toEqual([
    ["10.0.0.1", "down"],
    ["10.0.0.2", "listed"],
    ["10.0.0.3", "up"],
  ]);
  expect(noticeCodes(events)).toEqual(["odd-value", "unknown-word"]);
});

test("an end with an error is an end before its time", async () => {
  const events = await readText(withHost("").replace('exit="success"', 'exit="error" errormsg="out of memory"'));
  expect(events.at(-1)).toMatchObject({ isAborted: true });
  expect(only(events, "notice")[0]?.text).toContain("out of memory");
});

test("the owner of a port, by nmap's identd scan of former days", async () => {
  const port = `<port protocol="tcp" portid="22"><state state="open" reason="syn-ack" reason_ttl="64"/><owner name="root"/></port>`;
  const events = await readText(withHost(`<ports>${port}</ports>`));
  expect(only(events, "owner")).toEqual([
    { type: "owner", hostId: 0, protocol: "tcp", port: 22, owner: { user: "root" } },
  ]);
});
