import { describe, expect, it } from "vitest";
import type { HostMark, ScanEvent, TraceEvent, TraceHop } from "../model/scan-event.js";
import { CLOSED, done, FILTERED, host, hostDone, port, ports, write } from "./normal-events.test.data.js";

function names(...all: readonly string[]): ScanEvent {
  return { type: "host-names", hostId: 0, names: all };
}

describe("names of a host", () => {
  const title = (events: readonly ScanEvent[]) => /report for (.*)/.exec(write(events))?.[1];

  it("are what the user wrote, else what reverse DNS says", () => {
    expect(title([host(), names("a.test", "b.test"), hostDone()])).toBe("a.test (10.0.0.1)");
    expect(title([host({ name: "www.test" }), names("a.test"), hostDone()])).toBe("www.test (10.0.0.1)");
    expect(title([host({ name: "10.0.0.1" }), names("a.test"), hostDone()])).toBe("a.test (10.0.0.1)");
    expect(title([host(), hostDone()])).toBe("10.0.0.1");
    expect(title([host(), names("a.test"), host(), hostDone()])).toBe("a.test (10.0.0.1)");
    expect(title([host(), names("a.test"), done()])).toBe("a.test (10.0.0.1)");
  });

  it("are told apart where reverse DNS does not know what the user wrote", () => {
    const written = host({ name: "www.test", otherAddresses: ["10.0.0.2"] });
    expect(write([written, names("a.test", "b.test"), hostDone()])).toMatchInlineSnapshot(`
      "
      postern report for www.test (10.0.0.1)
      Host is up (0.00012s latency).
      Other addresses for www.test (not scanned): 10.0.0.2
      rDNS record for 10.0.0.1: a.test
      "
    `);
    for (const same of ["www.test", "WWW.test", "www.test."]) {
      expect(write([written, names("a.test", same), hostDone()])).not.toContain("rDNS");
    }
    expect(write([host(), names("a.test"), hostDone()])).not.toContain("rDNS");
  });

  it("stand in the line of a host that is down or listed", () => {
    const down = [names("a.test"), host({ status: "down", reason: "no-response" })];
    expect(write(down, { verbosity: 1 })).toBe(
      "postern report for a.test (10.0.0.1) [host down, received no-response]\n",
    );
    const listed = [
      host({ status: "listed", reason: "user-set" }),
      names("a.test"),
      host({ status: "listed", reason: "user-set" }),
      host({ id: 1, status: "listed", reason: "user-set", name: "www.test" }),
    ];
    expect(write(listed)).toBe(
      "postern report for 10.0.0.1\npostern report for a.test (10.0.0.1)\npostern report for www.test (10.0.0.1)\n",
    );
  });

  it("cannot steer the terminal", () => {
    const text = write([host({ name: "www.test" }), names("a\x1b[2J"), hostDone()]);
    expect(text).toContain("rDNS record for 10.0.0.1: a\\x1b[2J\n");
  });
});

describe("a MAC address", () => {
  const vendorOf = (mac: string) => (mac.startsWith("b8:27:eb") ? "Raspberry Pi\x07" : undefined);
  const line = (mac: string, options = {}) => /MAC.*/.exec(write([host({ mac }), hostDone()], options))?.[0];

  it("shows who made the interface", () => {
    expect(line("b8:27:eb:00:00:01", { vendorOf })).toBe("MAC Address: b8:27:eb:00:00:01 (Raspberry Pi\\x07)");
    expect(line("00:00:5e:00:00:01", { vendorOf })).toBe("MAC Address: 00:00:5e:00:00:01 (Unknown)");
    expect(line("02:42:ac:11:00:02", { vendorOf })).toBe("MAC Address: 02:42:ac:11:00:02 (locally administered)");
    expect(line("b8:27:eb:00:00:01")).toBe("MAC Address: b8:27:eb:00:00:01");
  });
});

describe("the end of a host", () => {
  const lastLines = (fields: Parameters<typeof hostDone>[0]) =>
    write([host(), port(22), hostDone(fields)]).split("ssh\n")[1];

  it("says what was not decided", () => {
    const tcp = { protocol: "tcp", count: 5 } as const;
    const udp = { protocol: "udp", count: 1 } as const;
    const ip = { protocol: "ip", count: 12 } as const;
    expect(lastLines({ end: "host-timeout", undecided: [tcp, udp] })).toBe(
      "Host timeout: 5 tcp, 1 udp ports were not decided.\n",
    );
    expect(lastLines({ end: "host-timeout", undecided: [udp] })).toBe("Host timeout: 1 udp port was not decided.\n");
    expect(lastLines({ end: "skipped", undecided: [tcp, ip] })).toBe(
      "Skipped: 5 tcp ports, 12 ip protocols were not decided.\n",
    );
    expect(lastLines({ end: "skipped" })).toBe("Skipped: all ports were decided before.\n");
    expect(lastLines({ end: "stopped", undecided: [tcp] })).toBe(
      "Not all ports of this host were decided: the scan was stopped.\n",
    );
  });

  it("shows each mark on a line of its own", () => {
    const marks: readonly HostMark[] = [
      { code: "rationed", text: "It rations its ICMP errors." },
      { code: "reset-by-other", text: "Somebody resets\n its connections." },
    ];
    expect(lastLines({ marks })).toBe("It rations its ICMP errors.\nSomebody resets\\x0a its connections.\n");
  });

  it("counts the open ports of a host that answers everything", () => {
    const marks: readonly HostMark[] = [{ code: "answers-everything", text: "Every port answers." }];
    const events = [host(), ...ports(1, 30, {}), ...ports(31, 2, FILTERED), hostDone({ marks })];
    expect(write(events, { verbosity: 1 })).toContain("Not shown: 30 open tcp ports (syn-ack)\nPORT   STATE");
    expect(write(events, { verbosity: 2 })).not.toContain("Not shown");
    expect(write([host(), ...ports(1, 30, {}), hostDone({ marks })])).toMatchInlineSnapshot(`
      "
      postern report for 10.0.0.1
      Host is up (0.00012s latency).
      Not shown: 30 open tcp ports (syn-ack)
      Every port answers.
      "
    `);
  });
});

describe("IP protocols", () => {
  const ICMP = port(1, { protocol: "ip", reason: "proto-response" });

  it("have a table of their own", () => {
    const serviceName = (number: number) => (number === 1 ? "icmp" : undefined);
    const events = [host(), ICMP, port(132, { protocol: "ip", ...FILTERED, state: "open|filtered" }), hostDone()];
    expect(write(events, { serviceName })).toMatchInlineSnapshot(`
      "
      postern report for 10.0.0.1
      Host is up (0.00012s latency).
      PROTOCOL STATE         SERVICE
      1        open          icmp
      132      open|filtered unknown
      "
    `);
    expect(write([host(), ICMP, port(22), hostDone()])).toContain(
      "PORT   STATE SERVICE\n22/tcp open  ssh\nPROTOCOL STATE SERVICE\n1        open  unknown\n",
    );
  });

  it("are counted as what they are", () => {
    const text = write([host(), ...ports(0, 256, { protocol: "ip", ...CLOSED }), hostDone()]);
    expect(text).toContain("All 256 scanned protocols on 10.0.0.1 are in ignored states.\n");
    expect(text).toContain("Not shown: 256 closed ip protocols (reset)\n");
  });
});

describe("the way to a host", () => {
  const SILENT = { address: undefined, rttMs: undefined };
  const trace = (hops: readonly Omit<TraceHop, "ttl">[], fields: Partial<TraceEvent> = {}, family: 4 | 6 = 4) => {
    const numbered = hops.map((hop, at) => ({ ttl: at + 1, ...hop }));
    const route = { technique: "tcp-syn", protocol: "tcp", port: 80, hops: numbered, ...fields } as const;
    return write([host({ family }), { type: "trace", hostId: 0, ...route }, port(22), hostDone()]);
  };
  const first = { address: "10.0.0.254", rttMs: 0.123 };

  it("is a table behind the ports, with silent hops in one row", () => {
    const last = { address: "10.0.0.1", rttMs: 12.3 };
    expect(trace([first, SILENT, SILENT, SILENT, last])).toMatchInlineSnapshot(`
      "
      postern report for 10.0.0.1
      Host is up (0.00012s latency).
      PORT   STATE SERVICE
      22/tcp open  ssh

      TRACEROUTE (using port 80/tcp)
      HOP RTT      ADDRESS
      1   0.12 ms  10.0.0.254
      2   ... 4
      5   12.30 ms 10.0.0.1
      "
    `);
    expect(trace([first, SILENT, { ...last, rttMs: undefined }, SILENT, SILENT])).toContain(
      "2   ...\n3   --      10.0.0.1\n4   ... 5\n",
    );
  });

  it("says what it was traced with", () => {
    const icmp = { protocol: "icmp", port: 0 } as const;
    expect(trace([first], icmp)).toContain("TRACEROUTE (using proto 1/icmp)");
    expect(trace([{ ...first, address: "fe80::1" }], icmp, 6)).toContain("(using proto 58/ipv6-icmp)");
    expect(trace([first], { protocol: "ip", port: 47 })).toContain("(using proto 47/ip)");
    expect(trace([])).not.toContain("TRACEROUTE");
  });
});

describe("events for a journal", () => {
  it("print nothing", () => {
    const silence: ScanEvent = { type: "silence", hostId: 0, protocol: "tcp", tries: 1, ports: Uint16Array.of(1) };
    expect(write([silence, { type: "finished", ranges: [[0, 1]] }])).toBe("");
  });
});
