import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { Resolution } from "../linux/resolve.js";
import { PosternError, ScopeError, UnreachableError, UsageError } from "../model/errors.js";
import { DEFAULT_TIMING, type ScanPlan } from "../scan/plan.js";
import { formatAddress, parseAddress } from "../target/address.js";
import { formatRanges, PortSet } from "../target/port-set.js";
import { TargetSet } from "../target/target-set.js";
import { readPortRanking, readServiceTable } from "./data-files.js";
import { type LinkHostFinder, type MadePlan, makePlan } from "./make-plan.js";
import { parseScanArguments } from "./scan-options.js";

const NAMES: Readonly<Record<string, readonly string[]>> = { web: ["10.0.0.1", "10.0.0.2"], outside: ["192.0.2.80"] };

vi.mock("../linux/resolve.js", () => ({
  resolveName: (name: string): Promise<Resolution> => {
    const addresses = NAMES[name]?.map(parseAddress).filter((one) => one !== undefined);
    return Promise.resolve(addresses === undefined ? { why: "no such name" } : { addresses });
  },
}));

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "postern-plan-"));
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** A file of this text; its name has no blank in it. */
function file(name: string, text: string): string {
  const place = path.join(folder, name);
  writeFileSync(place, text);
  return place;
}

/** The plan of a command line, its words separated by blanks. */
function plan(line: string, findLinkHosts?: LinkHostFinder): Promise<MadePlan> {
  const settings = parseScanArguments(line.split(" ").filter((word) => word !== ""));
  const means = { services: readServiceTable, seed: 7 };
  return makePlan(settings, findLinkHosts === undefined ? means : { ...means, findLinkHosts });
}

async function failure(line: string): Promise<PosternError> {
  try {
    await plan(line);
  } catch (error) {
    if (error instanceof PosternError) return error;
    throw error;
  }
  throw new Error(`${line} was understood`);
}

function targetsOf({ targets }: ScanPlan): string[] {
  const set = TargetSet.fromData(targets);
  return Array.from({ length: set.count }, (_, index) => set.at(index))
    .filter((target) => target !== undefined)
    .map(({ address, ports }) => `${formatAddress(address)} ${ports.ranges("tcp").join(" ")}`.trim());
}

/** The TCP ports that all hosts without their own get, as "22,80-82". */
async function portsOf(options: string): Promise<string> {
  const made = await plan(`10.0.0.1 ${options}`);
  return formatRanges(PortSet.fromData(made.plan.targets.defaultPorts).ranges("tcp"));
}

describe("a plan", () => {
  test("of an address alone: the thousand likeliest ports, in an order of the seed, 10 retries", async () => {
    const made = await plan("10.0.0.1");
    expect(PortSet.fromData(made.plan.targets.defaultPorts).count("tcp")).toBe(1000);
    expect(made.warnings).toEqual([]);
    expect(made.plan).toMatchObject({
      targetTexts: ["10.0.0.1"],
      techniques: ["tcp-auto"],
      scanFlags: undefined,
      discovery: undefined,
      isLinkAsked: true,
      ping: "default",
      transport: "auto",
      isPrivileged: undefined,
      isSequential: false,
      timing: DEFAULT_TIMING,
      sourceAddresses: [],
      borrowCount: 0,
      udpPayloads: { rows: [] },
      isTraced: false,
      shard: undefined,
      resume: undefined,
      isJournaled: false,
      seed: 7,
      isDownReported: false,
    });
  });

  test("survives the way to another thread", async () => {
    const made = await plan("10.0.0.0/29,web 10.0.0.9:22 --exclude 10.0.0.3 -p 80".replace(",web", " web"));
    expect(structuredClone(made.plan)).toEqual(made.plan);
  });

  test("takes over what was typed", async () => {
    const made = await plan("10.0.0.1 -sS -Pn -r --max-rate 5 --max-retries 3 --unprivileged --transport raw -v");
    expect(made.plan).toMatchObject({
      techniques: ["tcp-syn"],
      ping: "none",
      isSequential: true,
      timing: { maxRatePps: 5, maxRetries: 3 },
      isPrivileged: false,
      transport: "raw",
      isDownReported: true,
    });
  });

  test("has no more retries than there are source ports to tell them apart", async () => {
    expect((await plan("10.0.0.1 --max-retries 15")).plan.timing.maxRetries).toBe(15);
    expect((await plan("10.0.0.1 --max-retries 0")).plan.timing.maxRetries).toBe(0);
    expect((await failure("10.0.0.1 --max-retries 16")).code).toBe("usage");
  });
});

describe("ports", () => {
  test("are those of -p, by number and by name", async () => {
    expect(await portsOf("-p 22,80-82")).toBe("22,80-82");
    expect(await portsOf("-p ssh,https")).toBe("22,443");
  });

  test("are the likeliest hundred with -F, and as many as --top-ports says", async () => {
    const ranking = readPortRanking();
    const top = (count: number): string =>
      formatRanges(PortSet.of({ tcp: ranking.top("tcp", count).map((port) => [port, port] as const) }).ranges("tcp"));
    expect(await portsOf("-F")).toBe(top(100));
    expect(await portsOf("--top-ports 5")).toBe(top(5));
    expect(PortSet.fromData((await plan("10.0.0.1 --top-ports 65535")).plan.targets.defaultPorts).count("tcp")).toBe(
      65_535,
    );
  });

  test("are less those of --exclude-ports, for hosts with ports of their own, too", async () => {
    expect(await portsOf("-p 20-25 --exclude-ports 22,23")).toBe("20-21,24-25");
    const made = await plan("10.0.0.1:22,80 10.0.0.2 -p 22,443 --exclude-ports ssh");
    expect(targetsOf(made.plan)).toEqual(["10.0.0.1 80,80", "10.0.0.2 443,443"]);
  });

  test("of a host that is named with its own are not those of -p", async () => {
    const made = await plan("10.0.0.1:8080 10.0.0.2 -p 22");
    expect(targetsOf(made.plan)).toEqual(["10.0.0.1 8080,8080", "10.0.0.2 22,22"]);
  });

  test.each(["-p 99999", "-p nosuchservice", "-p 80-70", "-p 22 --exclude-ports nosuchservice"])(
    "that cannot be read are a usage error: %s",
    async (options) => {
      expect(await failure(`10.0.0.1 ${options}`)).toBeInstanceOf(UsageError);
    },
  );

  test.each(["-p 22 --exclude-ports 22", "-p U:53"])(
    "of which no TCP port is left are a usage error: %s",
    async (options) => {
      const error = await failure(`10.0.0.1 ${options}`);
      expect(error).toBeInstanceOf(UsageError);
      expect(error.message).toContain("no TCP port is left");
    },
  );

  test.each(["-p T:22,U:53", "-p U:53,T:22", "-p 22,s:9"])("of UDP and SCTP are warned about: %s", async (options) => {
    const made = await plan(`10.0.0.1 ${options}`);
    expect(made.warnings).toEqual([expect.stringMatching(/^-p names (UDP|SCTP) ports .*: add -s[UY]$/)]);
    expect(targetsOf(made.plan)).toEqual(["10.0.0.1 22,22"]);
  });

  test("do not matter with -sn", async () => {
    expect((await plan("10.0.0.1 -sn")).plan.ping).toBe("only");
  });
});

describe("what is UDP's", () => {
  test("needs UDP probes", async () => {
    for (const option of ["--borrow 2", "--source-addresses 127.0.0.1", "--payload-printers"]) {
      expect((await failure(`10.0.0.1 ${option}`)).message).toContain("is for UDP probes: add -sU");
    }
    expect((await plan("10.0.0.1 -sn -PU --payload-printers")).plan.udpPayloads.isPrinterAllowed).toBe(true);
  });

  test("goes into the plan", async () => {
    const options = "-sU --borrow 2 --source-addresses 127.0.0.1 --payload-printers --defeat-icmp-ratelimit";
    expect((await plan(`10.0.0.1 ${options} --defeat-rst-ratelimit`)).plan).toMatchObject({
      borrowCount: 2,
      sourceAddresses: [parseAddress("127.0.0.1")],
      udpPayloads: { isPrinterAllowed: true },
      isIcmpRationDefeated: true,
      isResetRationDefeated: true,
    });
  });
});

describe("links", () => {
  const hosts = ["fe80::1%eth0", "2001:db8::1"].map(parseAddress).filter((one) => one !== undefined);

  test("bring their hosts, as far as they may be probed", async () => {
    const made = await plan("10.0.0.1 --link eth0 -p 22", async () => hosts);
    expect(targetsOf(made.plan)).toEqual(["10.0.0.1 22,22", "fe80::1%eth0 22,22"]);
    expect(made.plan.targetTexts).toEqual(["10.0.0.1", "--link eth0"]);
    expect(made.warnings).toEqual(["1 of the 2 hosts behind eth0 may not be probed without --authorized"]);
    expect((await plan("--link eth0 --authorized 2001:db8::/32", async () => hosts)).warnings).toEqual([]);
  });

  test("without any host are a warning beside other targets, and an error without", async () => {
    expect((await plan("10.0.0.1 --link eth0", async () => [])).warnings).toEqual([
      "no host on the link behind eth0 has answered",
    ]);
    await expect(plan("--link eth0", async () => [])).rejects.toBeInstanceOf(UnreachableError);
  });
});

describe("targets", () => {
  test("come from the command line and from lists, with comments and blank lines", async () => {
    const list = file("hosts.txt", "# the servers\n10.0.0.2 10.0.0.3:443\n\n10.0.0.4 # the printer\r\n");
    const made = await plan(`10.0.0.1 -iL ${list} -p 22`);
    expect(targetsOf(made.plan)).toEqual(["10.0.0.1 22,22", "10.0.0.2 22,22", "10.0.0.3 443,443", "10.0.0.4 22,22"]);
    expect(made.plan.targetTexts).toEqual(["10.0.0.1", "10.0.0.2", "10.0.0.3:443", "10.0.0.4"]);
  });

  test("that are named twice are asked once, for all their ports", async () => {
    expect(targetsOf((await plan("10.0.0.1:22 10.0.0.1:80")).plan)).toEqual(["10.0.0.1 22,22 80,80"]);
  });

  test("that cannot be resolved are warned about, and the good ones go on", async () => {
    const made = await plan("web nowhere -p 22");
    expect(targetsOf(made.plan)).toEqual(["10.0.0.1 22,22"]);
    expect(made.warnings).toEqual(["nowhere cannot be resolved: no such name"]);
  });

  test("of which none can be resolved are an error that names them all", async () => {
    const error = await failure("nowhere gone");
    expect(error).toBeInstanceOf(UnreachableError);
    expect(error.message).toContain("nowhere cannot be resolved");
    expect(error.message).toContain("gone cannot be resolved");
  });

  test("that are all excluded are an error", async () => {
    const error = await failure("10.0.0.0/30 web --exclude 10.0.0.0/24");
    expect(error).toBeInstanceOf(UnreachableError);
    expect(error.message).toContain("all are excluded");
  });

  test("that are not there at all are a usage error with a hint", async () => {
    const error = await failure("-p 22");
    expect([error.code, error.message, error.hint]).toEqual([
      "usage",
      "no target was named",
      expect.stringContaining("postern localhost"),
    ]);
  });

  test("that cannot be read are a usage error, in a list an input error with file and line", async () => {
    expect((await failure("10.0.0.999")).code).toBe("usage");
    const list = file("bad.txt", "10.0.0.1\n\n10.0.0.999\n");
    const error = await failure(`-iL ${list}`);
    expect(error.code).toBe("input");
    expect(error.message).toContain(`${list}:3: `);
  });
});

describe("a list", () => {
  test("that is not there is an input error that names it", async () => {
    const missing = path.join(folder, "missing.txt");
    for (const option of ["-iL", "--excludefile"]) {
      const error = await failure(`10.0.0.1 ${option} ${missing}`);
      expect([error.code, error.message]).toEqual(["input", `${missing}: there is no such file`]);
    }
  });

  test("that is a directory is an input error", async () => {
    expect((await failure(`-iL ${folder}`)).message).toBe(`${folder}: this is a directory, not a file`);
  });

  test("without any target is an input error that names it", async () => {
    const empty = file("empty.txt", "# nobody\n\n");
    expect((await failure(`-iL ${empty}`)).message).toBe(`${empty}: there is no target in this list`);
  });

  test("without any target does not matter beside another target", async () => {
    const empty = file("empty.txt", "\n");
    expect(targetsOf((await plan(`10.0.0.1 -iL ${empty} -p 22`)).plan)).toEqual(["10.0.0.1 22,22"]);
  });
});

describe("exclusions", () => {
  async function left(options: string): Promise<string[]> {
    const made = await plan(`10.0.0.0/29 -p 22 ${options}`);
    return targetsOf(made.plan).map((line) => line.split(" ")[0]?.replace("10.0.0.", "") ?? "");
  }

  test("are separated by commas, which are also those of an octet", async () => {
    expect(await left("--exclude 10.0.0.1,10.0.0.2")).toEqual(["0", "3", "4", "5", "6", "7"]);
    expect(await left("--exclude 10.0.0.1,3-5,10.0.0.7")).toEqual(["0", "2", "6"]);
    expect(await left("--exclude web,10.0.0.4/30")).toEqual(["0", "3"]);
    expect(await left("--exclude 10.0.0.0,2 --exclude 10.0.0.4")).toEqual(["1", "3", "5", "6", "7"]);
  });

  test("come from files, too", async () => {
    const list = file("not-these.txt", "10.0.0.0/30 # the printers\n10.0.0.7\n");
    expect(await left(`--excludefile ${list}`)).toEqual(["4", "5", "6"]);
  });

  test.each(["10.0.0,1.5", "10.0.0.1,,10.0.0.2", "10.0.0.1,", "10.0.0.1:22", "nowhere"])(
    "that are not clear stop everything: %s",
    async (text) => {
      expect((await failure(`10.0.0.0/29 --exclude ${text}`)).code).toBe("usage");
    },
  );

  test("in a file that cannot be understood name file and line", async () => {
    const list = file("odd.txt", "10.0.0.1\n10.0.0.1:22\n");
    expect((await failure(`10.0.0.0/29 --excludefile ${list}`)).message).toContain(`${list}:2: `);
  });
});

describe("the scope", () => {
  test.each(["192.0.2.1", "8.8.8.8", "outside", "10.0.0.1 192.0.2.1", "172.31-32.0.1", "10-11.0.0.1", "2001:db8::1"])(
    "refuses %s before anything is sent, and says how to allow it",
    async (targets) => {
      const error = await failure(`${targets} -p 22`);
      expect(error).toBeInstanceOf(ScopeError);
      expect(error.hint).toContain("--authorized");
    },
  );

  test("names the first address that is refused, and the name it was typed as", async () => {
    expect((await failure("172.31-32.0.1")).message).toMatch(/^172\.32\.0\.1 is neither private/);
    expect((await failure("outside")).message).toMatch(/^outside \(192\.0\.2\.80\) is neither private/);
    expect((await failure("10-11.0.0.1")).hint).toContain("--authorized 11.0.0.1");
  });

  test("lets pass what --authorized names, and no more", async () => {
    const made = await plan("192.0.2.1 outside --authorized 192.0.2.0/24 -p 22");
    expect(targetsOf(made.plan)).toEqual(["192.0.2.1 22,22", "192.0.2.80 22,22"]);
    expect(made.plan.scope.authorized.length).toBe(1);
    expect(await failure("192.0.3.1 --authorized 192.0.2.0/24")).toBeInstanceOf(ScopeError);
    expect((await plan("[2001:db8::1]:22 --authorized 2001:db8::/32")).warnings).toEqual([]);
  });

  test("needs no word for private networks, link-local addresses and this machine", async () => {
    for (const text of [
      "127.0.0.1",
      "10.0.0.0/8",
      "172.16.0.0/12",
      "192.168.1.1",
      "169.254.1.1",
      "::1",
      "fe80::1%eth0",
    ]) {
      expect((await plan(`${text} -p 22`)).warnings).toEqual([]);
    }
  });

  test.each(["web", "10.0.0.1:22", "10.0.0.999"])("takes networks with --authorized, not %s", async (text) => {
    const error = await failure(`10.0.0.1 --authorized ${text}`);
    expect(error).toBeInstanceOf(UsageError);
    expect(error.message).toContain("--authorized");
  });

  test("refuses a public target even when it is excluded: what is named is checked", async () => {
    expect(await failure("10.0.0.1 192.0.2.1 --exclude 192.0.2.1")).toBeInstanceOf(ScopeError);
  });
});
