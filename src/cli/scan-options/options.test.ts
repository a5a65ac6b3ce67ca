// What each option sets, and what it refuses.
import { describe, expect, it } from "vitest";
import { changed, complaint, parse } from "../command-line.test.data.js";
import { parseScanArguments } from "../scan-options.js";
import { defaultScanSettings } from "../scan-settings.js";

describe("the options", () => {
  it("are nothing without a word", () => {
    expect(parse("")).toEqual(defaultScanSettings());
  });

  it("set what they say", () => {
    expect(changed("--exclude 10.0.0.1,a --excludefile no --resolve-all")).toEqual({
      excludeTexts: ["10.0.0.1,a"],
      excludeFiles: ["no"],
      resolveAll: true,
    });
    expect(changed("-Pn")).toEqual({ pingMode: "none" });
    expect(changed("-P0 -PN")).toEqual({ pingMode: "none" });
    expect(changed("-sP -sn")).toEqual({ pingMode: "only" });
    expect(changed("-sT --exclude-ports 9")).toEqual({ techniques: ["tcp-connect"], excludePortsText: "9" });
    expect(changed("--authorized 192.0.2.0/24,2001:db8::/32 --auth 198.51.100.1")).toEqual({
      authorized: ["192.0.2.0/24", "2001:db8::/32", "198.51.100.1"],
    });
    expect(changed("--max-rate 0.5 --max-retries 0 --transport io_uring --seed 7")).toEqual({
      timing: { maxRatePps: 0.5, maxRetries: 0 },
      transport: "io_uring",
      seed: 7,
    });
    expect(changed("--privileged --unprivileged --progress")).toEqual({ privileged: false, progress: true });
  });

  it("refuse values that cannot be", () => {
    expect(complaint("--top-ports ten")).toBe('--top-ports needs a whole number from 1 to 65535, but was given "ten"');
    for (const line of ["--top-ports 0", "--top-ports 65536", "--max-retries -1", "--max-retries 1.5", "--seed 1e3"]) {
      expect(complaint(line)).toContain("needs a whole number");
    }
    for (const value of ["0", "0.0", "-5", "fast", "1k", "Infinity"]) {
      expect(complaint(`--max-rate ${value}`)).toContain("greater than 0");
    }
    expect(complaint("--transport rign")).toContain("did you mean ring?");
    expect(complaint("--authorized 10.0.0.0/8,")).toContain("networks separated by commas");
    expect(complaint("-p 1 -p 2")).toBe("-p was given twice");
    expect(complaint("-iL - -iL -")).toContain("standard input can be read only once");
  });

  it("ask in nmap's ways who is up", () => {
    const asked = (line: string) =>
      parse(line).discovery.map(({ technique, portsText = "" }) => `${technique} ${portsText}`.trim());
    expect(asked("-PE -PP -PM -PS -PA -PU -PY -PO")).toEqual([
      "icmp-echo",
      "icmp-timestamp",
      "icmp-address-mask",
      "tcp-syn 80",
      "tcp-ack 80",
      "udp 40125",
      "sctp-init 80",
      "ip-protocol 1,2,4",
    ]);
    expect(asked("-PS22,80 -PSssh -PU53 -PO6")).toEqual(["tcp-syn 22,80", "tcp-syn ssh", "udp 53", "ip-protocol 6"]);
    expect(asked("-PI -PT25 -PB443")).toEqual(["icmp-echo", "tcp-ack 25", "icmp-echo", "tcp-ack 443"]);
    expect(changed("-PR")).toEqual({});
    expect(parse("-PS 22").targetTexts).toEqual(["22"]); // as in nmap, a port is attached
    expect(changed("-sL")).toEqual({ pingMode: "list" });
    expect(changed("--disable-arp-ping --traceroute")).toEqual({ isLinkAsked: false, isTraced: true });
  });

  it.each([
    ["-sS", "tcp-syn"],
    ["-sT", "tcp-connect"],
    ["-sA", "tcp-ack"],
    ["-sW", "tcp-window"],
    ["-sM", "tcp-maimon"],
    ["-sF", "tcp-fin"],
    ["-sN", "tcp-null"],
    ["-sX", "tcp-xmas"],
    ["-sU", "udp"],
    ["-sY", "sctp-init"],
    ["-sZ", "sctp-cookie-echo"],
    ["-sO", "ip-protocol"],
  ])("%s is %s", (option, technique) => {
    expect(changed(option)).toEqual({ techniques: [technique] });
  });

  it("take a timing template by number and by name", () => {
    for (const line of ["-T4", "-T 4", "-Taggressive", "-T Aggressive"]) {
      expect(changed(line)).toEqual({ timing: { template: 4 } });
    }
    expect(changed("-Tparanoid")).toEqual({ timing: { template: 0 } });
    expect(complaint("-T6")).toContain("-T knows 0 to 5");
    expect(complaint("-Tagressive")).toContain("did you mean aggressive?");
  });

  it.each([
    ["2", 2000],
    ["0.25", 250],
    [".5s", 500],
    ["300ms", 300],
    ["1.5m", 90_000],
    ["2h", 7_200_000],
    ["2H", 7_200_000],
  ])("take %s as %i ms", (text, ms) => {
    expect(changed(`--host-timeout ${text}`)).toEqual({ timing: { hostTimeoutMs: ms } });
  });

  it("bound time and pace", () => {
    expect(
      changed(
        "--min-rtt-timeout 1ms --initial-rtt-timeout 2ms --max-rtt-timeout 3ms --scan-delay 0 --max-scan-delay 1",
      ),
    ).toEqual({
      timing: {
        minRttTimeoutMs: 1,
        initialRttTimeoutMs: 2,
        maxRttTimeoutMs: 3,
        scanDelayMs: 0,
        maxScanDelayMs: 1000,
      },
    });
    expect(changed("--min-rate 5 --min-parallelism 2 --max-parallelism 3 --min-hostgroup 4 --max-hostgroup 5")).toEqual(
      {
        timing: { minRatePps: 5, minParallelism: 2, maxParallelism: 3, minHostGroup: 4, maxHostGroup: 5 },
      },
    );
    for (const value of ["", "0", "-1", "1d", "1 s", "1e3", "9999h", "ms"]) {
      expect(() => parseScanArguments(["--max-rtt-timeout", value])).toThrow(/^--max-rtt-timeout needs a/);
    }
  });

  it("set what is UDP's", () => {
    expect(changed("-sU --payload-printers --source-addresses 10.0.0.1-3 --borrow 8 --defeat-icmp-ratelimit")).toEqual({
      techniques: ["udp"],
      udp: { isPrinterAllowed: true, sourcesText: "10.0.0.1-3", borrowCount: 8, isIcmpRationDefeated: true },
    });
    expect(changed("--defeat-rst-ratelimit")).toEqual({ isResetRationDefeated: true });
    expect(complaint("-sU --borrow 1025")).toContain("from 1 to 1024");
    expect(complaint("-sU --borrow 2 --borrow 3")).toContain("given twice");
  });

  it("name hosts", () => {
    expect(changed("-n")).toEqual({ dns: { scope: "none" } });
    expect(changed("-R --system-dns")).toEqual({ dns: { scope: "all", isSystem: true } });
    expect(changed("--dns-servers 192.0.2.53,2001:db8::53 --dns-servers 192.0.2.54:5353")).toEqual({
      dns: { servers: ["192.0.2.53:53", "[2001:db8::53]:53", "192.0.2.54:5353"] },
    });
    expect(complaint("--dns-servers ns1")).toBe('--dns-servers: "ns1" is no address of a name server');
  });

  it("share out large scans and go on with them", () => {
    expect(changed("--shard 2/5 --journal scan.journal")).toEqual({
      shard: { index: 1, count: 5 },
      journalFile: "scan.journal",
    });
    expect(changed("--resume scan.journal --max-rate 5 --authorized 192.0.2.0/24 -v -n --transport raw")).toMatchObject(
      {
        resumeFile: "scan.journal",
      },
    );
    expect(changed("--link eth0 --link eth0 --link br-1")).toEqual({ links: ["eth0", "br-1"] });
    expect(complaint("--shard 6/5")).toContain("such as 2/5");
    expect(complaint("--link eth/0")).toContain("name of an interface");
    expect(complaint("--journal a --journal b")).toContain("given twice");
    expect(changed("--noninteractive")).toEqual({ isInteractive: false });
  });

  it("set how much is told", () => {
    expect(changed("-v4 --verbose")).toEqual({ verbosity: 5 });
    expect(changed("-vv")).toEqual({ verbosity: 2 });
    expect(changed("--vv")).toEqual({ verbosity: 2 });
    expect(changed("-vvn")).toEqual({ verbosity: 2, dns: { scope: "none" } });
    expect(changed("-nv3")).toEqual({ verbosity: 3, dns: { scope: "none" } });
    expect(changed("--verbose=3")).toEqual({ verbosity: 3 });
    expect(changed("-d")).toEqual({ debugging: 1, verbosity: 1 });
    expect(changed("-dd -v")).toEqual({ debugging: 2, verbosity: 3 });
    expect(changed("-d9")).toEqual({ debugging: 9, verbosity: 9 });
    expect(changed("--debug=2")).toEqual({ debugging: 2, verbosity: 2 });
    expect(changed("-vvvvvvvvvvvv")).toEqual({ verbosity: 10 });
    expect(complaint("-v11")).toContain("from 0 to 10");
    expect(changed("--packet-trace --stats-every 5s")).toEqual({ isPacketTraced: true, statsEveryMs: 5000 });
    expect(parse("--iflist 10.0.0.1").action).toBe("iflist");
  });

  it("take tables of one's own", () => {
    expect(changed("--servicedb ports --datadir /usr/share/nmap --port-ratio .25")).toEqual({
      servicesFile: "ports",
      dataDirectory: "/usr/share/nmap",
      portRatio: 0.25,
    });
    for (const value of ["-1", "1.1", "x", "0x1", "1e0"]) {
      expect(complaint(`--port-ratio ${value}`)).toContain("--port-ratio needs a number from 0 to 1");
    }
  });

  it("say what reports are like", () => {
    expect(changed("-oA scan")).toEqual({
      reports: [
        { form: "normal", path: "scan.nmap" },
        { form: "xml", path: "scan.xml" },
        { form: "grepable", path: "scan.gnmap" },
      ],
    });
    expect(complaint("-oA -")).toContain("standard output takes one");
    expect(complaint("-oA scan -oN scan.nmap")).toContain("two reports cannot be written into");
    expect(changed("--stylesheet own.xsl --append-output")).toEqual({ stylesheet: "own.xsl", isAppended: true });
    expect(changed("--webxml")).toEqual({ stylesheet: "https://svn.nmap.org/nmap/docs/nmap.xsl" });
    expect(changed("--webxml --no-stylesheet")).toEqual({ stylesheet: "" });
  });

  it("set the flags of TCP probes", () => {
    for (const [text, flags] of Object.entries({
      SYNFIN: 3,
      FINSYN: 3,
      urgackpshrstsynfin: 0x3f,
      ECECWR: 0xc0,
      ALL: 0xff,
      none: 0,
      9: 9,
      "0x29": 0x29,
    })) {
      expect(changed(`--scanflags ${text}`)).toEqual({ scanFlags: flags });
    }
    for (const text of ["SYN,FIN", "SY", "SYNFI", "256", "0x100", "-1", "FOO"]) {
      expect(complaint(`--scanflags ${text}`)).toContain("--scanflags: ");
    }
  });

  it.each([
    ["-sS -sT", "choose one"],
    ["-sYZ", "two ways to scan SCTP ports"],
    ["-sOU", "-sO goes alone"],
    ["-sU -sO", "-sO goes alone"],
    ["-sn -Pn", "choose one"],
    ["-sL -Pn", "choose one"],
    ["-F -p 22", "choose one"],
    ["-F --top-ports 5", "choose one"],
    ["-p 22 --top-ports 5", "choose one"],
    ["-sO --top-ports 5", "no ranking"],
    ["--port-ratio 0.5 -F", "choose one"],
    ["-sO --port-ratio 0.5", "no ranking"],
    ["-p 22 -sn", "-sn scans no ports"],
    ["-p 22 -sL", "-sL scans no ports"],
    ["-sT -sn", "-sT has no meaning"],
    ["-sL -sU", "-sU has no meaning"],
    ["-sn --scanflags SYN", "--scanflags has no meaning"],
    ["-sL --traceroute", "--traceroute has no meaning"],
    ["-sL -PE", "-PE asks which hosts are up"],
    ["-Pn -PS22", "-PS asks which hosts are"],
    ["-sU --scanflags SYN", "-sU sends none"],
    ["-sT --scanflags SYN", "-sT sends none"],
    ["-n -R", "choose one"],
    ["-n --system-dns", "--system-dns has no meaning"],
    ["-n --dns-servers 192.0.2.1", "--dns-servers has no meaning"],
    ["--system-dns --dns-servers 192.0.2.1", "choose one"],
    ["--min-rate 5 --max-rate 4", "--min-rate is more than --max-rate"],
    ["--min-rtt-timeout 5 --max-rtt-timeout 4", "--min-rtt-timeout is more than"],
    ["--initial-rtt-timeout 5 --max-rtt-timeout 4", "--initial-rtt-timeout is more than"],
    ["--scan-delay 5 --max-scan-delay 4", "--scan-delay is more than"],
    ["--min-parallelism 5 --max-parallelism 4", "--min-parallelism is more than"],
    ["--min-hostgroup 5 --max-hostgroup 4", "--min-hostgroup is more than"],
    ["--resume j 10.0.0.1", "targets cannot be given with it"],
    ["--resume j -sU", "-sU cannot be given with it"],
    ["--resume j -p 22", "-p cannot be given with it"],
    ["--resume j -PE", "-PE cannot be given with it"],
    ["--resume j -6", "-6 cannot be given with it"],
    ["--resume j --discovery-ignore-rst", "--discovery-ignore-rst cannot be given with it"],
    ["--resume j --seed 0", "--seed cannot be given with it"],
    ["--resume j --journal k", "writes on into the same file"],
  ])("refuse contradictions: %s", (line, words) => {
    expect(complaint(line)).toContain(words);
  });
});
