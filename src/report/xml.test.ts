import { describe, expect, it } from "vitest";
import type { ScanEvent } from "../model/scan-event.js";
import { CLOSED, done, FILTERED, host, hostDone, port, ports, START } from "./normal-events.test.data.js";
import type { ReportOptions } from "./report-writer.js";
import { RICH_SCAN, writeWith } from "./rich-scan.test.data.js";
import { malformation } from "./well-formed.test.data.js";
import { xml } from "./xml.js";

function write(events: readonly ScanEvent[], options: Partial<ReportOptions> = {}): string {
  const text = writeWith(xml, events, options);
  expect(malformation(text)).toBeUndefined();
  return text;
}

/** A scan around these events. */
function scan(events: readonly ScanEvent[], options: Partial<ReportOptions> = {}): string {
  return write([START, ...events, done()], options);
}

const DOWN = host({ status: "down", reason: "no-response", ttl: undefined, rttMs: undefined });
const LISTED = host({ status: "listed", reason: "user-set", ttl: undefined, rttMs: undefined });

describe("a report in XML", () => {
  it("has a place for everything that a scan tells", async () => {
    const text = writeWith(xml, RICH_SCAN, { verbosity: 1 });
    expect(malformation(text)).toBeUndefined();
    await expect(text).toMatchFileSnapshot("xml.test.data/rich.xml");
  });

  it("is a whole document without any host", () => {
    expect(write([START, done({ counts: { ...done().counts, hosts: 0, hostsUp: 0 } })])).toMatchInlineSnapshot(`
      "<?xml version="1.0" encoding="UTF-8"?>
      <!DOCTYPE nmaprun>
      <!-- postern 0.1.0 scan initiated Mon Nov 23 15:10:07 2026 as: postern -oX &quot;scan results.xml&quot; -&#45;open web 10.0.0.0/29 -->
      <nmaprun scanner="nmap" args="postern -oX &quot;scan results.xml&quot; --open web 10.0.0.0/29" start="1795446607" startstr="Mon Nov 23 15:10:07 2026" version="0.1.0" xmloutputversion="1.05">
      <scaninfo type="syn" protocol="tcp" numservices="1000" services="1-1000"/>
      <verbose level="0"/>
      <debugging level="0"/>
      <?postern-start version="0.1.0" seed="42" addresses="1"?>
      <?postern-done unreachable="0" ports="1000" sent="1004" answered="1002" resent="2" late="0" kernel-drops="0" ignored="0" loss-share="0" missed-estimate="0"?>
      <runstats><finished time="1795446608" timestr="Mon Nov 23 15:10:08 2026" summary="postern done at Mon Nov 23 15:10:08 2026; 0 IP addresses (0 hosts up) scanned in 0.21 seconds" elapsed="0.21" exit="success"/><hosts up="0" down="0" total="0"/>
      </runstats>
      </nmaprun>
      "
    `);
  });

  it("speaks in nmap's name where it is called so", () => {
    const text = scan([], { program: "nmap", words: ["nmap", "-p1", "a"] });
    expect(text).toMatch(/^<!-- Nmap 7\.\d+ scan initiated .* as: nmap -p1 a -->$/m);
    expect(text).toMatch(/<nmaprun scanner="nmap" args="nmap -p1 a" .* version="7\.\d+" /);
    expect(text).toContain('summary="Nmap done at ');
  });

  it("points to a style sheet only when it is told one", () => {
    expect(scan([])).not.toContain("xml-stylesheet");
    expect(scan([], { stylesheet: "" })).not.toContain("xml-stylesheet");
    expect(scan([], { stylesheet: 'a"?>b' }).split("\n")[2]).toBe(
      '<?xml-stylesheet href="a&quot;?&gt;b" type="text/xsl"?>',
    );
  });

  it("has the flags of --scanflags in the order of their bits", () => {
    const scans = [{ technique: "tcp-fin", protocol: "tcp", portCount: 1, ports: "1", tcpFlags: 0x12 }] as const;
    expect(write([{ ...START, portScans: scans }, done()])).toContain(
      '<scaninfo type="fin" scanflags="SYNACK" protocol="tcp" numservices="1" services="1"/>',
    );
  });
});

describe("hosts in XML", () => {
  it("that are down are there with -v only, and never with --open", () => {
    expect(scan([DOWN])).not.toMatch(/<host\b/);
    expect(scan([DOWN], { verbosity: 1, onlyOpen: true })).not.toMatch(/<host\b/);
    expect(scan([DOWN], { verbosity: 1 })).toContain(
      '<host><status state="down" reason="no-response" reason_ttl="0"/>\n<address addr="10.0.0.1" addrtype="ipv4"/>\n</host>\n',
    );
  });

  it("that are listed only are of unknown state", () => {
    expect(write([{ ...START, portCount: 0, portScans: [] }, LISTED, done()])).toContain(
      '<host><status state="unknown" reason="user-set" reason_ttl="0"/>\n' +
        '<address addr="10.0.0.1" addrtype="ipv4"/>\n<hostnames>\n</hostnames>\n</host>\n',
    );
  });

  it("without any open port are left out with --open, unless no ports were asked", () => {
    const closed = [host(), port(1, CLOSED), hostDone()];
    expect(scan(closed, { onlyOpen: true })).not.toMatch(/<host\b/);
    expect(write([{ ...START, portCount: 0 }, host(), hostDone(), done()], { onlyOpen: true })).toContain("<host>");
    const unfiltered = [host(), port(1, { state: "unfiltered", reason: "reset" }), port(2, FILTERED), hostDone()];
    const text = scan(unfiltered, { onlyOpen: true });
    expect(text).toContain('portid="1"');
    expect(text).toContain('<extraports state="filtered" count="1">');
  });

  it("are hinted at once when they are found up, unless nobody has asked", () => {
    expect(scan([host()])).toContain('<hosthint><status state="up" reason="echo-reply" reason_ttl="64"/>');
    for (const reason of ["user-set", "localhost-response"] as const) {
      expect(scan([host({ reason })])).not.toContain("<hosthint>");
    }
    expect(write([{ ...START, portCount: 0 }, host(), done()])).not.toContain("<hosthint>");
  });

  it("that were not done when the scan was stopped are there, and the document is whole", () => {
    const text = write([START, host(), port(22), done({ isAborted: true })]);
    expect(text).toContain('portid="22"');
    expect(text).toContain('<script id="postern-undecided"');
    expect(text).toContain('<?postern-host end="stopped"?>');
    expect(text).toMatch(/exit="error" errormsg="[^"]+"\/>/);
    expect(text.endsWith("</nmaprun>\n")).toBe(true);
  });

  it("have nothing that is empty: neither ports, systems nor times", () => {
    const bare = scan([host({ rttMs: undefined }), hostDone({ rttMs: undefined })]);
    expect(bare).toMatch(/<\/hostnames>\n<\/host>/);
    const os = { portsUsed: [], matches: [] };
    expect(scan([host(), { type: "os", hostId: 0, os }, hostDone()])).not.toContain("<os");
  });
});

describe("ports in XML", () => {
  it("are counted from 26 of a state on, over all protocols, with their reasons", () => {
    const udp = { ...CLOSED, protocol: "udp", technique: "udp", reason: "port-unreach" } as const;
    const text = scan([host(), port(22), ...ports(1, 20, CLOSED), ...ports(1, 6, udp), hostDone()]);
    expect(text).toContain(
      '<ports><extraports state="closed" count="26">\n' +
        '<extrareasons reason="reset" count="20" proto="tcp" ports="1-20"/>\n' +
        '<extrareasons reason="port-unreach" count="6" proto="udp" ports="1-6"/>\n' +
        '</extraports>\n<port protocol="tcp" portid="22">',
    );
  });

  it("are listed further with each -v, and all of them with -d", () => {
    const listed = (count: number, options: Partial<ReportOptions>): number =>
      [...scan([host(), ...ports(1, count, CLOSED), hostDone()], options).matchAll(/<port /g)].length;
    expect([listed(25, {}), listed(26, {})]).toEqual([25, 0]);
    expect([listed(50, { verbosity: 1 }), listed(51, { verbosity: 1 })]).toEqual([50, 0]);
    expect([listed(75, { verbosity: 2 }), listed(76, { verbosity: 2 })]).toEqual([75, 0]);
    expect(listed(2000, { debugging: 1 })).toBe(2000);
  });

  it("that are open are never only counted", () => {
    const marks = [{ code: "answers-everything", text: "It answers everything." }] as const;
    const text = scan([host(), ...ports(1, 2000, {}), hostDone({ marks })]);
    expect([...text.matchAll(/<port /g)]).toHaveLength(2000);
    expect(text).toContain('<script id="postern-answers-everything" output="It answers everything."/>');
  });

  it("have nmap's reason, and the finer one where clients pass over it", () => {
    const lossy = { ...FILTERED, reason: "no-response-lossy" } as const;
    const text = scan([host(), ...ports(1, 20, FILTERED), ...ports(30, 20, lossy), hostDone()]);
    expect(text).toContain(
      '<extrareasons reason="no-response" count="40" proto="tcp" ports="1-20,30-49"/>\n' +
        '<?postern-reasons reason="no-response-lossy" count="20" proto="tcp" ports="30-49"?>\n</extraports>',
    );
    expect(scan([host(), port(1, { reason: "conn-accepted", ttl: undefined }), hostDone()])).toContain(
      '<state state="open" reason="syn-ack" reason_ttl="0"/>',
    );
  });

  it("have a service each when they are open, since node-nmap fails without", () => {
    const text = scan([host(), port(4711), port(4712, CLOSED), hostDone()]);
    expect(text).toContain('<service name="unknown" method="table" conf="3"/></port>');
    expect(text).toContain('<state state="closed" reason="reset" reason_ttl="64"/></port>');
  });
});
