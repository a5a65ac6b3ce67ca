// All options of nmap 7.9x, by name, and what postern does about each; and whether everything that is made from the option
// table tells the same. Names: nmap reference guide and `nmap --help`; those that the guide leaves out: nmap 7.93 takes them.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { UsageError } from "../model/errors.js";
import { completionScript, SHELLS } from "./completion.js";
import { generatedFiles } from "./generated-files.js";
import { helpText } from "./help.js";
import { manPage } from "./man-page.js";
import { allNames, type Option } from "./option.js";
import { optionsMarkdown } from "./options-markdown.js";
import { parseScanArguments, SCAN_OPTIONS } from "./scan-options.js";

const WORKS: Readonly<Record<string, string>> = {
  targets: "-iL -i --exclude --excludefile --resolve-all -6",
  discovery: "-sL -sn -sP -Pn -P0 -PN -PD -PE -PI -PP -PM -PS -PA -PT -PB -PU -PY -PO --disable-arp-ping",
  more: "--discovery-ignore-rst --traceroute -n -R --dns-servers --system-dns",
  techniques: "-sS -sT -sA -sW -sM -sU -sN -sF -sX --scanflags -sY -sZ -sO",
  ports: "-p --exclude-ports -F -r --top-ports --port-ratio --servicedb --datadir",
  timing: "-T --timing --min-parallelism --max-parallelism --min-rtt-timeout --max-rtt-timeout --initial-rtt-timeout",
  time: "--max-retries --host-timeout --scan-delay --max-scan-delay --min-rate --max-rate",
  rations: "--defeat-rst-ratelimit --defeat-icmp-ratelimit",
  forms: "-oN -oX -oG -oM -m -oA",
  output: "-v --verbose --vv -d --debug --reason --open --packet-trace --iflist --append-output",
  style: "--resume --noninteractive --stylesheet --webxml --no-stylesheet --stats-every",
  besides: "--send-eth --send-ip --privileged --unprivileged -V --version -h --help",
};

const ACCEPTED =
  "--unique --randomize-hosts --rH -PR --min-hostgroup --max-hostgroup --nogcc --log-errors --nsock-engine --release-memory";

const REFUSED: Readonly<Record<string, string>> = {
  targets: "-iR",
  techniques: "-sI -b -I --adler32",
  services: "-sV -sR --allports --version-intensity --version-light --version-all --version-trace --versiondb",
  scripts:
    "-sC --script --script-args --script-args-file --script-help --script-timeout --script-trace --script-updatedb",
  systems: "-O --osscan-limit --osscan-guess --fuzzy --max-os-tries --deprecated-xml-osclass -A",
  packets: "-f --ff --mtu -D -S -e -g --source-port --proxies --proxy --data --data-string --data-length",
  more: "--ip-options --ttl --spoof-mac --badsum",
  output: "-oS --route-dst --thc",
};

function words(lists: Readonly<Record<string, string>>): readonly string[] {
  return Object.values(lists).flatMap((list) => list.split(" "));
}

function rowOf(name: string): Option<never> | undefined {
  return SCAN_OPTIONS.find((option) => allNames(option).includes(name));
}

function complaint(line: readonly string[]): string {
  try {
    parseScanArguments(line);
    return "";
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
}

describe("nmap's options", () => {
  it.each(words(WORKS))("%s works", (name) => {
    expect(rowOf(name)).toMatchObject({ names: expect.anything() });
    expect(rowOf(name)?.state).toBeUndefined();
  });

  it.each(ACCEPTED.split(" "))("%s is accepted", (name) => {
    expect(rowOf(name)?.state).toBe("accepted");
    const value = rowOf(name)?.value === undefined ? [] : ["1"];
    expect(complaint([name, ...value])).toBe("");
  });

  it.each(words(REFUSED))("%s is refused with one line", (name) => {
    expect(rowOf(name)?.state).toBe("refused");
    expect(complaint([name])).toMatch(/^-\S+ \([^\n]+\) (is|has) [^\n]+$/);
  });

  it("stand on the page for those who come from nmap, where they do not work", () => {
    const page = readFileSync(new URL("../../docs/coming-from-nmap.md", import.meta.url), "utf8");
    for (const name of [...ACCEPTED.split(" "), ...words(REFUSED)]) expect(page).toContain(`\`${name}\``);
  });

  it("are not postern's own by mistake", () => {
    const known = [...words(WORKS), ...ACCEPTED.split(" "), ...words(REFUSED)];
    const own = SCAN_OPTIONS.filter((option) => !allNames(option).some((name) => known.includes(name)));
    for (const { state } of own) expect(state).toBeUndefined();
  });
});

describe("odd command lines, as nmap takes them", () => {
  it.each([
    ["-sSU -vv -PS22,80 -T4 -oX - x"],
    ["-T 4 x"],
    ["-Taggressive x"],
    ["-T Insane x"],
    ["--timing 2 x"],
    ["-p22 x"],
    ["-p 22 x"],
    ["-pT:22,U:53 -sSU x"],
    ["-F -n x"],
    ["-Fn x"],
    ["--max-retries=3 x"],
    ["--max-retr 3 x"],
    ["-max-retries 3 x"],
    ["-open -reason x"],
    ["-iL- "],
    ["-v3 x"],
    ["-d9 x"],
    ["-dd x"],
    ["x -F"],
    ["-F -- x -y"],
    ["-sn -PE -PP -PM -PU53 x"],
    ["-PB -sn x"],
  ])("%s", (line) => {
    expect(complaint(line.trim().split(" "))).toBe("");
  });

  it("takes underscores as nmap's older versions did", () => {
    expect(parseScanArguments(["--max_retries=3", "--stats_every", "5s"])).toMatchObject({
      timing: { maxRetries: 3 },
      statsEveryMs: 5000,
    });
  });
});

describe("what is made from the table", () => {
  const offered = SCAN_OPTIONS.filter(({ state }) => state !== "refused").flatMap(({ names }) => names);
  let texts = { help: "", man: "", docs: "" };

  beforeAll(() => {
    const unescaped = manPage([{ name: "walk", summary: "walk" }])
      .replaceAll(/\\f[BIR]/g, " ")
      .replaceAll("\\-", "-");
    texts = { help: helpText(80), man: unescaped, docs: optionsMarkdown() };
  });

  it("names every option", () => {
    for (const [kind, text] of Object.entries(texts)) {
      const names = SCAN_OPTIONS.flatMap((option) => (kind === "help" ? option.names : allNames(option)));
      expect(names.filter((name) => !new RegExp(`(?<![\\w-])${name}(?![\\w-])`).test(text))).toEqual([]);
    }
  });

  it("explains every option", () => {
    for (const { help } of SCAN_OPTIONS) {
      expect(texts.man).toContain(help.replaceAll("'", "\\(aq"));
      expect(texts.docs).toContain(help);
    }
  });

  it.each(["man", "docs"] as const)("says in %s why what does not work does not", (kind) => {
    for (const { why = "" } of SCAN_OPTIONS) {
      expect(texts[kind]).toContain(kind === "man" ? why.replaceAll("'", "\\(aq") : why);
    }
  });

  it.each(SHELLS)("offers in %s what is not refused", (shell) => {
    const script = completionScript(shell, ["diff", "convert"]);
    expect(script).toContain("convert");
    for (const name of offered) {
      const word = shell === "fish" ? `-[los] ${name.replace(/^--?/, "")}` : name;
      expect(script).toMatch(new RegExp(`(?<![\\w-])${word}(?![\\w-]) |(?<![\\w-])${word}(?![\\w])`));
    }
  });

  it("is what the files hold", async () => {
    for (const [path, text] of await generatedFiles()) {
      expect(readFileSync(new URL(`../../${path}`, import.meta.url), "utf8"), path).toBe(text);
    }
  });

  it("is a man page that groff has nothing to say about", ({ skip }) => {
    const page = manPage([]);
    let said: string;
    try {
      said = execFileSync("groff", ["-man", "-Tutf8", "-ww", "-z"], { input: page, encoding: "utf8", stdio: "pipe" });
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") skip("groff is not installed");
      throw error;
    }
    expect(said).toBe("");
  });
});

describe("bash", () => {
  /** What bash offers for the last of the words. */
  function offered(...line: readonly string[]): readonly string[] {
    const script = `${completionScript("bash", ["diff", "convert"])}
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
compopt() { :; }
_postern postern "\${COMP_WORDS[COMP_CWORD]}" "\${COMP_WORDS[COMP_CWORD-1]}"
printf '%s\\n' "\${COMPREPLY[@]}"`;
    const text = execFileSync("bash", ["-c", script, "bash", "postern", ...line], { encoding: "utf8" });
    return text.split("\n").filter((word) => word !== "");
  }

  it("completes options", () => {
    expect(offered("--max-r")).toEqual(["--max-rtt-timeout", "--max-retries", "--max-rate"]);
    expect(offered("-F", "--stats")).toEqual(["--stats-every"]);
    for (const name of words(REFUSED)) expect(offered(name)).not.toContain(name);
  });

  it("completes values", () => {
    expect(offered("-T", "in")).toEqual(["insane"]);
    expect(offered("--transport", "r")).toEqual(["ring", "raw"]);
    expect(offered("--transport", "=")).toContain("epoll");
    expect(offered("--transport", "=", "e")).toEqual(["epoll"]);
    expect(offered("-oN", "/etc/host")).toContain("/etc/hosts");
    expect(offered("--datadir", "/et")).toEqual(["/etc"]);
    expect(offered("--max-rate", "")).toEqual([]);
  });

  it("completes commands where they can stand", () => {
    expect(offered("di")).toContain("diff");
    expect(offered("-F", "di")).not.toContain("diff");
  });
});
