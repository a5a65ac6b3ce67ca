// The comparison as people read it.
import { expect, test } from "vitest";
import { type TestReport, write } from "./diff-events.test.data.js";
import { diffText } from "./diff-text.js";

const MONDAY: TestReport = {
  hosts: [
    {
      address: "10.0.0.5",
      names: ["web.lab"],
      facts: { mac: "b8:27:eb:00:00:01" },
      ports: { "1-21": "closed", "22": "open", "23-79": "closed", "80": "open", "81-1000": "closed" },
      services: { "80": { product: "Apache httpd", version: "2.4.57" }, "22": { name: "ssh", product: "OpenSSH" } },
      systems: ["Linux 4.15 - 5.8"],
    },
    { address: "10.0.0.7", ports: { "1-21": "closed", "22": "open", "23-1000": "closed" } },
    { address: "10.0.0.8", ports: { "1-1000": "closed" } },
    { address: "10.0.0.9", ports: { "1-79": "closed", "80": "open", "81-1000": "closed" } },
  ],
};
const TUESDAY: TestReport = {
  start: { startedAt: "2026-11-24T15:10:07Z" },
  hosts: [
    {
      address: "10.0.0.5",
      names: ["web.lab", "www.lab"],
      facts: { mac: "02:27:eb:00:00:01" },
      ports: { "1-79": "closed", "80": "open", "81-442": "closed", "443": "open", "444-1000": "filtered" },
      services: {
        "80": { product: "Apache httpd", version: "2.4.62" },
        "443": { tunnel: "ssl", product: "nginx", version: "1.24", extraInfo: "Debian" },
      },
      systems: ["Linux 6.1"],
    },
    { address: "10.0.0.6", names: ["db.lab"], ports: { "1-21": "closed", "22": "open", "23-1000": "closed" } },
    { address: "10.0.0.8", ports: { "1-1000": "closed" } },
    {
      address: "10.0.0.9",
      ports: { "1-1000": "filtered no-response-lossy" },
      done: { loss: { lossShare: 0.2, missedEstimate: 3 } },
    },
  ],
};

test("what is new, gone, changed and not seen", () => {
  expect(write(diffText, MONDAY, TUESDAY)).toMatchInlineSnapshot(`
    "--- a.xml  2026-11-23 15:10 UTC  4 hosts up
    +++ b.xml  2026-11-24 15:10 UTC  4 hosts up

    ~ 10.0.0.5 (web.lab)
      ! MAC b8:27:eb:00:00:01 (Raspberry Pi Foundation) -> 02:27:eb:00:00:01: another machine may have taken this place
      + 443/tcp closed -> open  ssl/http nginx 1.24 (Debian)
      - 22/tcp  open -> closed  ssh OpenSSH
      ~ 80/tcp  open            http Apache httpd 2.4.57 -> http Apache httpd 2.4.62
      ~ 557 tcp ports closed -> filtered: 444-1000
      ~ system Linux 4.15 - 5.8 -> Linux 6.1
      ~ names  web.lab -> web.lab, www.lab

    + 10.0.0.6 (db.lab) is new
      + 22/tcp open  ssh
        999 tcp ports closed: 1-21,23-1000

    - 10.0.0.7 is gone
      - 22/tcp open  ssh
        999 tcp ports closed: 1-21,23-1000

    1 host new, 1 host gone, 1 of 3 hosts changed.
    1 port opened, 1 port closed, 557 ports changed otherwise, 1 service, 1 system, 1 MAC address, 1 host with other names.
    ? 1,000 ports, 1 of them open: silent in b.xml, which lost packets on the way
      (-v shows them)
    "
  `);
});

test("-v: what is the same and what cannot be told, too", () => {
  expect(write(diffText, MONDAY, TUESDAY, { isSameWanted: true })).toMatchInlineSnapshot(`
    "--- a.xml  2026-11-23 15:10 UTC  4 hosts up
    +++ b.xml  2026-11-24 15:10 UTC  4 hosts up

    ~ 10.0.0.5 (web.lab)
      ! MAC b8:27:eb:00:00:01 (Raspberry Pi Foundation) -> 02:27:eb:00:00:01: another machine may have taken this place
      + 443/tcp closed -> open  ssl/http nginx 1.24 (Debian)
      - 22/tcp  open -> closed  ssh OpenSSH
      ~ 80/tcp  open            http Apache httpd 2.4.57 -> http Apache httpd 2.4.62
      ~ 557 tcp ports closed -> filtered: 444-1000
        440 tcp ports closed: 1-21,23-79,81-442
      ~ system Linux 4.15 - 5.8 -> Linux 6.1
      ~ names  web.lab -> web.lab, www.lab

    + 10.0.0.6 (db.lab) is new
      + 22/tcp open  ssh
        999 tcp ports closed: 1-21,23-1000

    - 10.0.0.7 is gone
      - 22/tcp open  ssh
        999 tcp ports closed: 1-21,23-1000

      10.0.0.8
        1,000 tcp ports closed: 1-1000

      10.0.0.9
      ? 80/tcp open -> filtered  http  [silent in b.xml, which lost packets on the way]
      ? 999 tcp ports closed -> filtered: 1-79,81-1000  [silent in b.xml, which lost packets on the way]

    1 host new, 1 host gone, 1 of 3 hosts changed.
    1 port opened, 1 port closed, 557 ports changed otherwise, 1 service, 1 system, 1 MAC address, 1 host with other names.
    ? 1,000 ports, 1 of them open: silent in b.xml, which lost packets on the way
    "
  `);
});

test("--open: nothing else", () => {
  expect(write(diffText, MONDAY, TUESDAY, { onlyOpen: true })).toMatchInlineSnapshot(`
    "--- a.xml  2026-11-23 15:10 UTC  4 hosts up
    +++ b.xml  2026-11-24 15:10 UTC  4 hosts up

    ~ 10.0.0.5 (web.lab)
      + 443/tcp closed -> open  ssl/http nginx 1.24 (Debian)
      - 22/tcp  open -> closed  ssh OpenSSH
      ~ 80/tcp  open            http Apache httpd 2.4.57 -> http Apache httpd 2.4.62

    + 10.0.0.6 (db.lab) is new
      + 22/tcp open  ssh

    - 10.0.0.7 is gone
      - 22/tcp open  ssh

    1 host new, 1 host gone, 1 of 3 hosts changed.
    1 port opened, 1 port closed, 1 service.
    ? 1 open port: silent in b.xml, which lost packets on the way
      (-v shows them)
    "
  `);
});

test("nothing has changed", () => {
  expect(write(diffText, MONDAY, MONDAY)).toMatchInlineSnapshot(`
    "--- a.xml  2026-11-23 15:10 UTC  4 hosts up
    +++ b.xml  2026-11-23 15:10 UTC  4 hosts up

    No changes: 4 hosts and 4,000 ports compared.
    "
  `);
});

test("names, banners and file names cannot steer the terminal", () => {
  const evil = "a\u001b[2J\n+ 10.0.0.1 is new\u202e\u0000";
  const host = (version: string): TestReport => ({
    hosts: [
      {
        address: "10.0.0.5",
        names: [evil],
        facts: { mac: `${evil}${version}`, vendor: evil, name: evil },
        ports: { "80": "open" },
        services: { "80": { name: evil, tunnel: evil, product: evil, version, extraInfo: evil } },
        systems: [evil + version],
      },
    ],
  });
  const text = write(diffText, host("1"), host("2"), {}, [evil, evil]);
  expect(text).not.toMatch(/[^\n\x20-\x7e]/);
  expect(text.split("\n").filter((line) => line.startsWith("+ "))).toEqual([]);
});

test("a host that answers everything is a line", () => {
  const a: TestReport = { start: { portScans: [] }, hosts: [{ address: "10.0.0.5", ports: { "1-9999": "closed" } }] };
  const b: TestReport = { start: { portScans: [] }, hosts: [{ address: "10.0.0.5", ports: { "1-9999": "open" } }] };
  expect(write(diffText, a, b).split("\n")).toContain("  + 9,999 tcp ports closed -> open: 1-9999");
});
