import { expect, test } from "vitest";
import { noticeCodes, only, portTexts, readText } from "./read-text.test.data.js";

// As nmap 7.93 wrote it with -v for `nmap -sS -p 20-29 10.0.0.1-3`, put together from several runs.
const REPORT = `# Nmap 7.93 scan initiated Tue Nov 24 12:06:44 2026 as: nmap -sSU -v -oG - 10.0.0.1-3
# Ports scanned: TCP(10;20-29) UDP(0;) SCTP(0;) PROTOCOLS(0;)
Host: 10.0.0.1 (web.lab)\tStatus: Up
Host: 10.0.0.1 (web.lab)\tPorts: 22/open/tcp//ssh//OpenSSH 9.2 (protocol 2.0, x)/, 25/open/tcp//ssl|smtp?///\tIgnored State: closed (8)\tOS: Linux 5.0|Linux 5.1\tSeq Index: 264\tIP ID Seq: All zeros
Host: 10.0.0.2 ()\tStatus: Down
Host: 10.0.0.3 ()\tStatus: Up
Host: 10.0.0.3 ()\tProtocols: 1/open/icmp/, 6/open/tcp/
# Nmap done at Tue Nov 24 12:07:13 2026 -- 3 IP addresses (2 hosts up) scanned in 28.61 seconds
`;

test("hosts, ports, services and system", async () => {
  const events = await readText(REPORT);
  expect(events[0]).toMatchObject({
    version: "7.93",
    scanner: "nmap",
    commandLine: "nmap -sSU -v -oG - 10.0.0.1-3",
    // The form has no zone: it is taken for the machine's own.
    startedAt: new Date(2026, 10, 24, 12, 6, 44).toISOString(),
    portCount: 10,
  });
  expect(only(events, "host").map(({ host }) => [host.address, host.status])).toEqual([
    ["10.0.0.1", "up"],
    ["10.0.0.2", "down"],
    ["10.0.0.3", "up"],
  ]);
  expect(only(events, "host-names")).toMatchObject([{ hostId: 0, names: ["web.lab"] }]);
  expect(portTexts(events)).toEqual([
    "22/tcp open not-recorded",
    "25/tcp open not-recorded",
    ...[20, 21, 23, 24, 26, 27, 28, 29].map((port) => `${port}/tcp closed not-recorded`),
    "1/ip open not-recorded",
    "6/ip open not-recorded",
  ]);
  expect(only(events, "service").map(({ service }) => service)).toEqual([
    { name: "ssh", method: "probed", confidence: 10, product: "OpenSSH 9.2 (protocol 2.0, x)", cpes: [] },
    { name: "smtp", method: "probed", confidence: 10, tunnel: "ssl", cpes: [] },
  ]);
  expect(only(events, "os")[0]?.os).toMatchObject({
    matches: [{ name: "Linux 5.0" }, { name: "Linux 5.1" }],
    tcpSequence: { index: 264 },
  });
  expect(events.at(-1)).toMatchObject({
    elapsedMs: 28_610,
    isAborted: false,
    counts: { hosts: 3, hostsUp: 2, ports: 12 },
  });
  expect(noticeCodes(events)).toEqual([]);
});

test("without -v nobody knows which ports were counted, and a notice says so", async () => {
  const events = await readText(REPORT.replace(/^# Ports.*\n/m, ""));
  expect(portTexts(events)).toHaveLength(4);
  expect(noticeCodes(events)).toEqual(["unknown-ports"]);
});

test("a report that is cut anywhere is read up to there, and ends as stopped", async () => {
  const lastLine = REPORT.lastIndexOf("# Nmap done");
  for (let length = REPORT.indexOf("Host"); length < lastLine; length += 3) {
    const events = await readText(REPORT.slice(0, length));
    expect(events.at(-1)).toMatchObject({ type: "done", isAborted: true });
  }
});

test("ports that cannot be are left out with a notice", async () => {
  const events = await readText(REPORT.replace("22/open/tcp//ssh", "99999/open/tcp//ssh").replace("25/open", "x/open"));
  expect(noticeCodes(events)).toContain("odd-value");
  expect(portTexts(events)).not.toContain("22/tcp open not-recorded");
});

test("a line of another form is refused, with its number", async () => {
  await expect(readText(REPORT.replace("Host: 10.0.0.2", "Hosts: 10.0.0.2"))).rejects.toThrow(
    /report:5: this is no line/,
  );
});

test("a hostile line of ports takes no time", async () => {
  const ports = "1/".repeat(400_000);
  const startedAt = performance.now();
  await readText(REPORT.replace("22/open/tcp//ssh", `22/${ports}`));
  expect(performance.now() - startedAt).toBeLessThan(3000);
});
