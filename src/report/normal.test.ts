import { describe, expect, it } from "vitest";
import { NO_RTT_US, type PortRunEvent, portEventsOf, type ScanEvent } from "../model/scan-event.js";
import { CLOSED, done, FILTERED, host, hostDone, port, ports, START, write } from "./normal-events.test.data.js";

describe("the normal report", () => {
  it("shows a whole run", () => {
    const text = write([
      START,
      {
        type: "technique",
        choice: {
          role: "ports",
          technique: "tcp-syn",
          transport: "packet socket",
          because: "root may send raw packets",
        },
      },
      host({ name: "localhost", address: "127.0.0.1", otherAddresses: ["::1"], mac: "b8:27:eb:01:02:03" }),
      port(8080),
      ...ports(1000, 995, CLOSED),
      port(22),
      port(80, FILTERED),
      hostDone({ rttMs: 0.04 }),
      done(),
    ]);
    expect(text).toMatchInlineSnapshot(`
      "Starting postern 0.1.0 at 2026-11-23 15:10 UTC

      postern report for localhost (127.0.0.1)
      Host is up (0.00004s latency).
      Other addresses for localhost (not scanned): ::1
      Not shown: 995 closed tcp ports (reset)
      PORT     STATE    SERVICE
      22/tcp   open     ssh
      80/tcp   filtered http
      8080/tcp open     http-proxy
      MAC Address: b8:27:eb:01:02:03

      Ports: tcp-syn by packet socket, because root may send raw packets
      Probes: 1,004 sent, 1,002 answered, 2 resent, 0 late, 0 dropped by the kernel
      postern done: 1 address (1 host up) scanned in 0.21 seconds
      "
    `);
  });
});

describe("a host", () => {
  it("lists the states of which there are few, and counts the others by reason, the largest group first", () => {
    const text = write([
      host(),
      ...ports(1, 25, CLOSED),
      ...ports(100, 20, FILTERED),
      ...ports(200, 30, { state: "filtered", reason: "admin-prohibited" }),
      hostDone(),
    ]);
    expect(text).toContain(
      "Not shown: 30 filtered tcp ports (admin-prohibited), 20 filtered tcp ports (no-response)\n",
    );
    expect(text.match(/closed/g)).toHaveLength(25);
    expect(write([host(), ...ports(1, 26, CLOSED), hostDone()])).toContain("Not shown: 26 closed tcp ports (reset)");
    expect(write([host(), ...ports(1, 50, CLOSED), hostDone()], { verbosity: 1 })).not.toContain("Not shown");
  });

  it("always lists open ports, by number", () => {
    const text = write([host(), ...ports(1, 300, {}).toReversed(), hostDone()]);
    const numbers = [...text.matchAll(/^(\d+)\/tcp/gm)].map((match) => Number(match[1]));
    expect(numbers).toEqual(Array.from({ length: 300 }, (_, at) => at + 1));
  });

  it("says so when nothing is left to list", () => {
    expect(write([host(), ...ports(1, 1000, CLOSED), hostDone()])).toMatchInlineSnapshot(`
      "
      postern report for 10.0.0.1
      Host is up (0.00012s latency).
      All 1000 scanned ports on 10.0.0.1 are in ignored states.
      Not shown: 1000 closed tcp ports (reset)
      "
    `);
  });

  it("lists protocols one after the other", () => {
    const text = write([host(), port(53, { protocol: "udp" }), port(80), port(53), hostDone()]);
    expect(text).toMatch(/53\/tcp.*\n80\/tcp.*\n53\/udp/);
  });

  it("shows the evidence with --reason", () => {
    const unreachable = { state: "filtered", reason: "port-unreach", responder: "10.0.0.254", ttl: 63 } as const;
    const events = [
      host({ reason: "arp-response", ttl: undefined, mac: "b8:27:eb:01:02:03" }),
      port(22),
      port(23, CLOSED),
      port(24, unreachable),
      port(25, FILTERED),
      hostDone(),
    ];
    expect(write(events, { showReason: true })).toMatchInlineSnapshot(`
      "
      postern report for 10.0.0.1
      Host is up, received arp-response (0.00012s latency).
      PORT   STATE    SERVICE REASON
      22/tcp open     ssh     syn-ack ttl 64
      23/tcp closed   unknown reset ttl 64
      24/tcp filtered unknown port-unreach from 10.0.0.254 ttl 63
      25/tcp filtered unknown no-response
      MAC Address: b8:27:eb:01:02:03
      "
    `);
  });

  it("takes a run of ports as it takes them one by one", () => {
    const run: PortRunEvent = {
      type: "port-run",
      hostId: 0,
      result: {
        protocol: "tcp",
        state: "closed",
        reason: "reset",
        technique: "tcp-syn",
        ttl: 64,
        tries: 1,
        responder: undefined,
      },
      ports: Uint16Array.from({ length: 30 }, (_, index) => index + 1),
      rttsUs: new Uint32Array(30).fill(NO_RTT_US),
    };
    expect(write([host(), run, hostDone()])).toBe(write([host(), ...portEventsOf(run), hostDone()]));
    const few: PortRunEvent = { ...run, ports: run.ports.slice(0, 3), rttsUs: run.rttsUs.slice(0, 3) };
    expect(write([host(), few, hostDone()])).toBe(write([host(), ...portEventsOf(few), hostDone()]));
  });

  it("shows with --open only what is open or perhaps open", () => {
    const events = [
      host(),
      port(22),
      port(23, CLOSED),
      port(24, FILTERED),
      port(53, { protocol: "udp", state: "open|filtered", reason: "no-response" }),
      hostDone(),
      host({ id: 1, address: "10.0.0.2" }),
      port(23, CLOSED, 1),
      hostDone({ hostId: 1 }),
    ];
    expect(write(events, { onlyOpen: true })).toMatchInlineSnapshot(`
      "
      postern report for 10.0.0.1
      Host is up (0.00012s latency).
      Not shown: 1 closed tcp port (reset), 1 filtered tcp port (no-response)
      PORT   STATE         SERVICE
      22/tcp open          ssh
      53/udp open|filtered unknown
      "
    `);
  });

  it("is one line when it is down, and only for those who ask", () => {
    const events = [START, host({ name: "db", status: "down", reason: "no-response", ttl: undefined }), hostDone()];
    expect(write(events)).not.toContain("db");
    expect(write(events, { verbosity: 1, onlyOpen: true })).not.toContain("db");
    expect(write(events, { verbosity: 1 })).toContain(
      "postern report for db (10.0.0.1) [host down, received no-response]\n",
    );
  });

  it("has no ports with -sn", () => {
    const ping: ScanEvent = { ...START, portCount: 0 };
    const withDone = write([ping, host(), hostDone(), done()]);
    expect(withDone).toContain("\npostern report for 10.0.0.1\nHost is up (0.00012s latency).\n\nProbes:");
    expect(write([ping, host({ rttMs: 0.123 }), done()])).toBe(withDone);
  });

  it("is not claimed to be up because of -Pn alone", () => {
    const unseen = host({ reason: "user-set", ttl: undefined, rttMs: undefined });
    expect(write([unseen, hostDone({ rttMs: undefined })])).toContain("Host is up (not checked: -Pn).\n");
    expect(write([unseen, hostDone()])).toContain("Host is up (0.00012s latency).\n");
  });

  it("says what is doubtful about it", () => {
    const loss = { lossShare: 0.3, missedEstimate: 2.7 };
    expect(write([host(), port(22), hostDone({ loss, end: "stopped" })])).toMatchInlineSnapshot(`
      "
      postern report for 10.0.0.1
      Host is up (0.00012s latency).
      PORT   STATE SERVICE
      22/tcp open  ssh
      The way to this host lost about 30 % of what was sent; about 3 ports may be wrongly called filtered.
      Not all ports of this host were decided: the scan was stopped.
      "
    `);
  });

  it("cannot steer the terminal by its name or by who answers for it", () => {
    const events = [
      host({ name: "a\x1b[2J\nb", otherAddresses: ["\u202e1"], mac: "\x07" }),
      port(22, { responder: "\x9bx" }),
      hostDone(),
    ];
    const text = write(events, { showReason: true, serviceName: () => "x\ry" });
    expect(text).toContain("postern report for a\\x1b[2J\\x0ab (10.0.0.1)\n");
    expect(text).toContain("\\u202e1");
    expect(text).toContain("x\\x0dy");
    expect(text).toContain("from \\x9bx");
    expect(text.replaceAll("\n", "")).not.toMatch(/\p{C}/u);
  });
});

describe("while it runs", () => {
  it("tells open ports as they come, with -v", () => {
    expect(write([host(), port(22), port(23, CLOSED)], { verbosity: 1 })).toBe(
      "Discovered open port 22/tcp on 10.0.0.1\n",
    );
    expect(write([host(), port(22)])).toBe("");
  });

  it("tells how to repeat the order, with -v", () => {
    expect(write([START], { verbosity: 1 })).toBe(
      "Starting postern 0.1.0 at 2026-11-23 15:10 UTC\nOrder of probes: --seed 42 repeats it\n",
    );
    expect(write([{ ...START, startedAt: "2026-11-23T16:10:07.123+01:00" }])).toContain("2026-11-23 16:10 +01:00\n");
  });

  it("leaves notices to the caller unless it is asked for them", () => {
    const warning: ScanEvent = { type: "notice", level: "warning", code: "no-route", text: "no route\x1b" };
    const info: ScanEvent = { ...warning, level: "info", text: "by the way" };
    expect(write([warning, info])).toBe("");
    expect(write([warning, info], { showNotices: true })).toBe("Warning: no route\\x1b\n");
    expect(write([warning, info], { showNotices: true, verbosity: 1 })).toContain("by the way\n");
  });

  it("does not lose a result that comes outside its host's report", () => {
    expect(write([port(22, {}, 7)])).toContain("22/tcp open (syn-ack)");
  });
});

describe("the end", () => {
  it("says what a little loss means", () => {
    expect(write([done({ loss: { lossShare: 0.098, missedEstimate: 0.0004 } })])).toContain(
      "Loss: about 9.8 % of probes or answers were lost; " +
        "after all tries about 0.0004 ports may be wrongly called filtered.\n",
    );
    expect(write([done({ loss: { lossShare: 0.0001, missedEstimate: 1e-12 } })])).toContain(
      "Loss: less than 0.1 % of probes or answers were lost; after all tries fewer than 0.0001 ports may be",
    );
  });

  it("warns of a lossy run", () => {
    expect(write([done({ loss: { lossShare: 0.4, missedEstimate: 12.3 } })])).toContain(
      "This run was lossy: about 40 % of probes or answers were lost, and about 12 ports may be wrongly called filtered.",
    );
  });

  it("names every technique", () => {
    const choice = { technique: "tcp-syn", transport: "raw IP", because: "loopback has no Ethernet" } as const;
    const text = write([
      { type: "technique", choice: { role: "discovery", ...choice } },
      { type: "technique", choice: { role: "ports", ...choice } },
      done(),
    ]);
    expect(text).toContain("Discovery: tcp-syn by raw IP, because loopback has no Ethernet\nPorts: tcp-syn by raw IP");
  });

  it("of an interrupted scan says so, and shows the hosts that were not done", () => {
    const text = write([START, host(), port(22), port(80, FILTERED), done({ isAborted: true })]);
    expect(text).toMatchInlineSnapshot(`
      "Starting postern 0.1.0 at 2026-11-23 15:10 UTC

      postern report for 10.0.0.1
      Host is up (0.0004s latency).
      PORT   STATE    SERVICE
      22/tcp open     ssh
      80/tcp filtered http
      Not all ports of this host were decided: the scan was stopped.

      Probes: 1,004 sent, 1,002 answered, 2 resent, 0 late, 0 dropped by the kernel
      The scan was interrupted: this report is partial.
      postern stopped: 1 address (1 host up) looked at in 0.21 seconds
      "
    `);
  });

  it("suggests -Pn when the only host seems down", () => {
    const counts = { ...done().counts, hostsUp: 0 };
    expect(write([host({ status: "down", reason: "no-response" }), done({ counts })])).toContain("-Pn scans it");
  });
});
