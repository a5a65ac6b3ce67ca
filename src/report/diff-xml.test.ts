// The comparison as Ndiff writes it: the examples of its manual, and what its form has no words for.
import { expect, test } from "vitest";
import { type TestHost, type TestReport, write } from "./diff-events.test.data.js";
import { diffXml } from "./diff-xml.js";

/** Without the head, an element a line. */
function hostLines(text: string): string[] {
  return text
    .slice(text.indexOf("<hostdiff>"), text.indexOf("</scandiff>"))
    .replaceAll("><", ">\n<")
    .split("\n")
    .filter((line) => line !== "");
}

const WEB: TestHost = {
  address: "10.0.0.5",
  names: ["web.lab"],
  ports: { "80": "open", "101-199": "filtered" },
  services: { "80": { name: "http" } },
};

test("the example of Ndiff's manual: a version, a name, a new host", () => {
  const mail: TestHost = { address: "10.0.0.6", names: ["out.lab"], ports: { "101-200": "filtered" } };
  const a: TestReport = { start: { startedAt: "2009-03-15T11:00:00Z" }, hosts: [WEB, mail] };
  const b: TestReport = {
    start: { startedAt: "2009-03-18T11:00:00Z" },
    hosts: [
      { ...WEB, services: { "80": { product: "lighttpd", version: "1.5.0" } } },
      { ...mail, names: ["mailout.lab"] },
      {
        address: "10.0.0.7",
        ports: { "80": "open", "101-198": "filtered", "443": "open" },
        services: { "80": { product: "Apache httpd" }, "443": { product: "Apache httpd", tunnel: "ssl" } },
      },
    ],
  };
  expect(write(diffXml, a, b)).toMatchInlineSnapshot(`
    "<?xml version="1.0" encoding="UTF-8"?>
    <nmapdiff version="1"><scandiff><a><nmaprun start="1237114800" startstr="Sun Mar 15 11:00:00 2009" version="0.1.0"/></a>
    <b><nmaprun start="1237374000" startstr="Wed Mar 18 11:00:00 2009" version="0.1.0"/></b>
    <hostdiff><host><address addr="10.0.0.5" addrtype="ipv4"/><hostnames><hostname name="web.lab"/></hostnames><ports><portdiff><port portid="80" protocol="tcp"><state state="open"/><a><service name="http"/></a><b><service name="http" product="lighttpd" version="1.5.0"/></b></port></portdiff></ports></host></hostdiff>
    <hostdiff><host><address addr="10.0.0.6" addrtype="ipv4"/><hostnames><a><hostname name="out.lab"/></a><b><hostname name="mailout.lab"/></b></hostnames></host></hostdiff>
    <hostdiff><b><host><status state="up"/><address addr="10.0.0.7" addrtype="ipv4"/><ports><extraports state="filtered" count="98"/><port portid="80" protocol="tcp"><state state="open"/><service name="http" product="Apache httpd"/></port><port portid="443" protocol="tcp"><state state="open"/><service name="http" product="Apache httpd" tunnel="ssl"/></port></ports></host></b></hostdiff>
    </scandiff></nmapdiff>
    "
  `);
});

test("a port that changed its state, and many that did", () => {
  const a: TestReport = { hosts: [{ ...WEB, services: {} }] };
  const b: TestReport = { hosts: [{ ...WEB, services: {}, ports: { "80": "closed", "101-199": "closed" } }] };
  expect(hostLines(write(diffXml, a, b))).toMatchInlineSnapshot(`
    [
      "<hostdiff>",
      "<host>",
      "<address addr="10.0.0.5" addrtype="ipv4"/>",
      "<hostnames>",
      "<hostname name="web.lab"/>",
      "</hostnames>",
      "<ports>",
      "<a>",
      "<extraports state="filtered" count="99"/>",
      "</a>",
      "<b>",
      "<extraports state="closed" count="99"/>",
      "</b>",
      "<portdiff>",
      "<a>",
      "<port portid="80" protocol="tcp">",
      "<state state="open"/>",
      "</port>",
      "</a>",
      "<b>",
      "<port portid="80" protocol="tcp">",
      "<state state="closed"/>",
      "</port>",
      "</b>",
      "</portdiff>",
      "</ports>",
      "</host>",
      "</hostdiff>",
    ]
  `);
});

test("a host that went down, and one with another machine in its place", () => {
  const mac = (text: string): TestHost => ({ address: "10.0.0.5", facts: { mac: text }, ports: { "22": "open" } });
  const a: TestReport = { hosts: [mac("aa:00:00:00:00:01"), { address: "10.0.0.6", ports: { "22": "open" } }] };
  const b: TestReport = {
    hosts: [mac("aa:00:00:00:00:02"), { address: "10.0.0.6", facts: { status: "down", reason: "no-response" } }],
  };
  expect(hostLines(write(diffXml, a, b))).toMatchInlineSnapshot(`
    [
      "<hostdiff>",
      "<a>",
      "<host>",
      "<status state="up"/>",
      "<address addr="10.0.0.5" addrtype="ipv4"/>",
      "<address addr="AA:00:00:00:00:01" addrtype="mac"/>",
      "<ports>",
      "<port portid="22" protocol="tcp">",
      "<state state="open"/>",
      "</port>",
      "</ports>",
      "</host>",
      "</a>",
      "</hostdiff>",
      "<hostdiff>",
      "<b>",
      "<host>",
      "<status state="up"/>",
      "<address addr="10.0.0.5" addrtype="ipv4"/>",
      "<address addr="AA:00:00:00:00:02" addrtype="mac"/>",
      "<ports>",
      "<port portid="22" protocol="tcp">",
      "<state state="open"/>",
      "</port>",
      "</ports>",
      "</host>",
      "</b>",
      "</hostdiff>",
      "<hostdiff>",
      "<host>",
      "<a>",
      "<status state="up"/>",
      "</a>",
      "<b>",
      "<status state="down"/>",
      "</b>",
      "<address addr="10.0.0.6" addrtype="ipv4"/>",
      "<ports>",
      "<portdiff>",
      "<a>",
      "<port portid="22" protocol="tcp">",
      "<state state="open"/>",
      "</port>",
      "</a>",
      "<b>",
      "<port portid="22" protocol="tcp"/>",
      "</b>",
      "</portdiff>",
      "</ports>",
      "</host>",
      "</hostdiff>",
    ]
  `);
});

test("-v: what is the same, too", () => {
  const text = write(diffXml, { hosts: [WEB] }, { hosts: [WEB] }, { isSameWanted: true });
  expect(hostLines(text)).toMatchInlineSnapshot(`
    [
      "<hostdiff>",
      "<host>",
      "<status state="up"/>",
      "<address addr="10.0.0.5" addrtype="ipv4"/>",
      "<hostnames>",
      "<hostname name="web.lab"/>",
      "</hostnames>",
      "<ports>",
      "<extraports state="filtered" count="99"/>",
      "<port portid="80" protocol="tcp">",
      "<state state="open"/>",
      "<service name="http"/>",
      "</port>",
      "</ports>",
      "</host>",
      "</hostdiff>",
    ]
  `);
});

test("what is no change is not there", () => {
  const b: TestReport = { hosts: [{ ...WEB, ports: { "80": "filtered no-response-lossy", "101-199": "filtered" } }] };
  expect(hostLines(write(diffXml, { hosts: [WEB] }, b))).toEqual([]);
});

test("names from the network stay in their attributes", () => {
  const host: TestHost = { ...WEB, names: ['"><x y="]]>\u0000\u001b\u202e\ud800&'] };
  const text = write(diffXml, {}, { hosts: [host] });
  expect(text).toContain('<hostname name="&quot;&gt;&lt;x y=&quot;]]&gt;\\x00\\x1b\\u202e\\ud800&amp;"/>');
});
