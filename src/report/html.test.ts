import { describe, expect, it } from "vitest";
import type { HostMark, PortResult } from "../model/scan-event.js";
import { CHOICE, HOSTILE_SCAN, office, SMALL_SCAN, writePage } from "./html-events.test.data.js";
import { STYLE } from "./html-style.js";
import { CLOSED, done, FILTERED, host, hostDone, port, ports, START } from "./normal-events.test.data.js";

/** The page without the style, whose every change would change each golden. */
function unstyled(page: string): string {
  return page.replace(STYLE, "").replace(/sha256-[^&]+/, "sha256-…");
}

/** What stands in an element with an id, tags left out. */
function textOf(page: string, id: string): string {
  const [, rest = ""] = page.split(` id="${id}"`);
  const [inside = ""] = rest.split(/<\/section>|<\/article>/);
  return inside
    .slice(inside.indexOf(">") + 1)
    .replace(/<[^>]*>/g, " ")
    .replace(/\s+/g, " ")
    .trim();
}

describe("a page", () => {
  it("shows a whole scan", async () => {
    await expect(unstyled(writePage(SMALL_SCAN))).toMatchFileSnapshot("html.golden.txt");
  });

  it("grows host by host, and is complete when the scan is", () => {
    const whole = writePage(SMALL_SCAN);
    let length = 0;
    for (let count = 1; count <= SMALL_SCAN.length; count++) {
      const page = writePage(SMALL_SCAN.slice(0, count));
      expect(whole.startsWith(page)).toBe(true);
      length = Math.max(length, page.length);
    }
    expect(writePage(SMALL_SCAN.slice(0, -1))).toContain('id="h2"');
    expect(whole.match(/<\/html>/g)).toHaveLength(1);
  });

  it("closes every element that it opens", () => {
    const open: string[] = [];
    for (const [, slash, name = "", end] of unstyled(writePage(SMALL_SCAN)).matchAll(/<(\/?)([a-z]\w*)[^>]*?(\/?)>/g)) {
      if (end === "/" || ["meta", "link", "br", "input"].includes(name)) continue;
      if (slash === "") open.push(name);
      else expect(name).toBe(open.pop());
    }
    expect(open).toEqual([]);
  });

  it("has each id once, and links to nothing but ids of its own", () => {
    const page = writePage([...office(200)]);
    const ids = [...page.matchAll(/ id="([^"]+)"/g)].map((match) => match[1]);
    expect(new Set(ids).size).toBe(ids.length);
    const links = [...page.matchAll(/ href="([^"]+)"/g)].map((match) => match[1] ?? "");
    expect(links.filter((link) => !(ids.includes(link.slice(1)) || link.startsWith("data:image/svg+xml,")))).toEqual(
      [],
    );
  });

  it("neither runs nor loads anything", () => {
    const page = writePage(HOSTILE_SCAN);
    expect(page).toContain("default-src &#39;none&#39;; style-src &#39;sha256-");
    const tags = [...page.replaceAll(/="[^"]*"/g, "").matchAll(/<[^>]*>/g)].map(([tag]) => tag);
    expect(
      tags.filter((tag) => /<(script|img|iframe|object|embed|form|base|b>1)|\s(on\w+|src|style)\b/i.test(tag)),
    ).toEqual([]);
    expect(page).not.toContain("javascript:");
    expect(page.replaceAll("\n", "").replaceAll("\t", "")).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u);
  });
});

describe("the verdict", () => {
  it("counts hosts, ports and addresses", () => {
    expect(textOf(writePage(SMALL_SCAN), "verdict")).toContain(
      "3 hosts are up, 4 ports are open on 2 of them. 3 addresses were looked at in 3.21 s.",
    );
    expect(textOf(writePage([START, host(), port(1, CLOSED), hostDone(), done()]), "verdict")).toContain(
      "1 host is up, no open port was found. 1 address was looked at",
    );
  });

  it("says that a scan was stopped, and shows the hosts that were not done", () => {
    const page = writePage([START, host(), port(22), port(80, FILTERED), done({ isAborted: true })]);
    expect(textOf(page, "verdict")).toMatch(/^The scan was stopped before its end: this report is partial\./);
    expect(textOf(page, "h0")).toContain("The scan was stopped before all ports of this host were decided.");
    expect(textOf(page, "h0")).toContain("22/tcp open");
    expect(page.endsWith("</html>\n")).toBe(true);
  });

  it("of a scan that asked for no ports does not speak of them", () => {
    const counts = { ...done().counts, ports: 0 };
    const page = writePage([{ ...START, portCount: 0, portScans: [] }, host(), done({ counts })]);
    expect(textOf(page, "verdict")).toContain("1 host is up, no ports were asked.");
    expect(textOf(page, "h0")).not.toContain("stopped");
  });

  it("of a list says that nobody was asked", () => {
    const counts = { ...done().counts, hosts: 2, hostsUp: 0, ports: 0 };
    const page = writePage([
      START,
      host({ status: "listed", reason: "user-set" }),
      host({ id: 1, address: "10.0.0.2", status: "listed", reason: "user-set" }),
      done({ counts }),
    ]);
    expect(textOf(page, "verdict")).toContain("2 addresses were listed; none of them was asked anything.");
    expect(page.match(/<p slot="others">/g)).toHaveLength(2);
  });
});

describe("warnings", () => {
  it("come before everything else, with the hosts that they are about", () => {
    const page = writePage(SMALL_SCAN);
    const warnings = [...page.matchAll(/<p class="warn" slot="warnings">(.*?)<\/p>/g)].map((match) => match[1]);
    expect(warnings.map((text) => text?.replace(/<[^>]*>/g, ""))).toEqual([
      "There is no way to 10.99.0.0/16.",
      "This run was lossy: about 5 % of probes or answers were lost, and about 3 ports may be wrongly called filtered. " +
        "Scan again more slowly (--max-rate) or with more tries (--max-retries).",
      "1 host lies behind a way on which much was lost: 10.0.0.2.",
      "1 host sends only so many answers a second: it was asked as slowly as that allows: 10.0.0.2.",
      "1 host was left before all its ports were decided (999 ports): 10.0.0.3.",
    ]);
  });

  it("keep hosts that answer everything out of the counts", () => {
    const marks: readonly HostMark[] = [{ code: "answers-everything", text: "It answers everything." }];
    const page = writePage([
      START,
      host(),
      ...ports(1, 500, {}),
      hostDone({ marks }),
      host({ id: 1, address: "10.0.0.2" }),
      port(22, {}, 1),
      hostDone({ hostId: 1 }),
      done(),
    ]);
    expect(textOf(page, "verdict")).toContain("1 port is open on 1 of them");
    expect(textOf(page, "services")).toContain("1 open port,");
    expect(textOf(page, "h0")).toContain("It answers everything.");
    expect(textOf(page, "h0")).toContain("Not listed: 500 open tcp ports");
    expect(page).toContain("1 host answers everything: its open ports say nothing");
  });

  it("hold notices only for files, and what is no warning only for those who ask", () => {
    const info = { type: "notice", level: "info", code: "x", text: "by the way" } as const;
    expect(writePage([START, info])).not.toContain("by the way");
    expect(writePage([START, info], { verbosity: 1 })).toContain("by the way");
    expect(writePage([START, { ...info, level: "warning" }], { showNotices: false })).not.toContain("by the way");
  });

  it("do not lose a result that comes outside its host's section", () => {
    expect(writePage([START, port(22, {}, 7)])).toContain("22/tcp open (syn-ack)");
  });
});

describe("the matrix", () => {
  it("has the hosts with the most open ports, and says what it leaves out", () => {
    const events = Array.from({ length: 70 }, (_, id) => [
      host({ id, address: `10.0.0.${id + 1}` }),
      ...ports(1, id + 1, {}).map((event) => ({ ...event, hostId: id })),
      hostDone({ hostId: id }),
    ]);
    const page = writePage([START, ...events.flat(), done()]);
    expect(page.match(/<tr><th scope="row"><a href="#h\d+">/g)).toHaveLength(64);
    expect(textOf(page, "matrix-text")).toContain(
      "The 64 hosts with the most open ports; 6 other hosts with open ports are only listed below. " +
        "The 24 ports that are open on the most hosts; 46 other ports are counted in the last column.",
    );
    expect(page).toContain('<a href="#h69">10.0.0.70</a></th>');
    expect(page).toContain('<td class="n">+46</td></tr>');
  });

  it("orders hosts with as many open ports by address", () => {
    const addresses = ["10.0.0.10", "10.0.0.9", "::1", "10.0.0.100"];
    const events = addresses.flatMap((address, id) => [
      host({ id, address }),
      port(22, {}, id),
      hostDone({ hostId: id }),
    ]);
    const page = writePage([START, ...events, done()]);
    const [, matrix = ""] = page.split('class="matrix"');
    const rows = [...matrix.matchAll(/<tr><th scope="row"><a href="#h\d">([^<]+)/g)].map((match) => match[1]);
    expect(rows).toEqual(["10.0.0.9", "10.0.0.10", "10.0.0.100", "::1"]);
  });

  it("tells apart what is closed, filtered and not asked", () => {
    const page = writePage([
      START,
      ...[host(), port(22), port(80), port(443), hostDone()],
      ...[host({ id: 1, address: "10.0.0.2" }), port(22, {}, 1), port(80, CLOSED, 1), hostDone({ hostId: 1 })],
      done(),
    ]);
    expect(page).toMatch(/10\.0\.0\.2<\/a><\/th><td>.*aria-label="open".*<td>.*aria-label="closed".*<td><\/td><\/tr>/);
    expect(textOf(page, "matrix")).toContain("open closed empty: not asked, or not decided");
  });

  it("is left out for a single host", () => {
    expect(writePage([START, host(), port(22), hostDone(), done()])).not.toContain('id="matrix"');
  });
});

describe("a host", () => {
  it("shows how sure a service is, and what is only usual", () => {
    const service = {
      name: "http",
      method: "probed",
      confidence: 7,
      tunnel: "ssl",
      product: "nginx",
      cpes: [],
    } as const;
    const page = writePage([
      START,
      host(),
      port(22),
      port(443),
      { type: "service", hostId: 0, protocol: "tcp", port: 443, service },
      hostDone(),
      done(),
    ]);
    expect(textOf(page, "h0")).toContain("22/tcp open usually ssh");
    expect(textOf(page, "h0")).toContain("443/tcp open http in ssl 7 of 10 sure nginx");
    expect(textOf(page, "services")).toContain("443/tcp http nginx 1");
  });

  it("names who answered in its place", () => {
    const evidence: Partial<PortResult> = { state: "filtered", reason: "port-unreach", responder: "10.9.0.254" };
    expect(textOf(writePage([START, host(), port(24, evidence), hostDone(), done()]), "h0")).toContain(
      "port-unreach from 10.9.0.254",
    );
  });

  it("that is down has a line for those who ask", () => {
    const events = [START, host({ status: "down", reason: "no-response" }), done()];
    expect(writePage(events)).not.toContain('slot="others"');
    expect(writePage(events, { verbosity: 1 })).toContain("nothing came back to any try");
    expect(writePage(events, { verbosity: 1, onlyOpen: true })).not.toContain('slot="others"');
  });

  it("without an open port is left out with --open, and its ports still count", () => {
    const page = writePage([START, host(), port(1, CLOSED), hostDone(), done()], { onlyOpen: true });
    expect(page).not.toContain('id="h0"');
    expect(textOf(page, "states")).toContain("1 port decided");
  });
});

describe("the time line", () => {
  it("shows rates and hosts, and the same in numbers", () => {
    const text = textOf(writePage([...office(20)]), "time");
    expect(text).toMatch(/Up to [\d,]+ probes a second/);
    expect(text).toContain("20 hosts found (full line), 20 done (broken line)");
    expect(text).toMatch(/2\.80 s [\d,]+ 20 20$/);
  });

  it("is left out where next to nothing is known", () => {
    expect(writePage([START, host(), port(22), hostDone(), done()])).not.toContain('id="time"');
  });
});

it("names every technique, and why it was taken", () => {
  expect(textOf(writePage([START, CHOICE, done()]), "how")).toContain(
    "tcp-syn ports packet socket root may send raw packets",
  );
});

it("of another scanner's report names that scanner, and claims nothing of its probes", () => {
  const counts = { ...done().counts, sent: 0, answered: 0, resent: 0 };
  const start = { ...START, scanner: "nmap", version: "7.93", commandLine: "nmap -sS 10.0.0.1", targets: [] };
  const page = writePage([start, host(), port(22), hostDone(), done({ counts, elapsedMs: 0 })]);
  expect(page).toContain('<p class="brand">nmap 7.93</p>\n<h1>Port scan of <bdi>hosts</bdi></h1>');
  expect(page).toContain("<code>nmap -sS 10.0.0.1</code>");
  expect(textOf(page, "verdict")).toContain("1 address was looked at.");
  expect(textOf(page, "how")).not.toMatch(/seed|lost|Sent/);
});
