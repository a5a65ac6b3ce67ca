// Brings what the lab needs, where it may: as root on Debian and its relatives, with apt-get. Elsewhere it says what is
// missing and goes on: the tests then skip with a reason. With CI=true something missing is a failure.
// Plain JavaScript, because it runs first.
import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";

/** Program, its Debian package, and whether the lab cannot be built without it. */
const PROGRAMS = [
  ["ip", "iproute2", true],
  ["nft", "nftables", true],
  ["iptables-save", "iptables", false],
  ["ipset", "ipset", false],
  ["unshare", "util-linux", true],
  ["nsenter", "util-linux", true],
  ["setpriv", "util-linux", true],
  ["nmap", "nmap", false],
  ["masscan", "masscan", false],
  ["zmap", "zmap", false],
  ["tcpdump", "tcpdump", false],
  ["ss", "iproute2", false],
  ["lsof", "lsof", false],
  ["python3", "python3", false],
  ["chromium", "chromium", false],
  ["openssl", "openssl", false],
  ["nc", "netcat-openbsd", false],
  ["ssh", "openssh-client", false],
  ["sshd", "openssh-server", false],
  ["ndiff", "ndiff", false],
  ["xsltproc", "xsltproc", false],
  ["xmllint", "libxml2-utils", false],
];

/** Files of programs that drive nmap, and their Debian packages. */
const FILES = [
  ["/usr/share/nmap/nmap.xsl", "nmap-common"],
  ["/usr/lib/python3/dist-packages/nmap/__init__.py", "python3-nmap"],
  ["/usr/lib/python3/dist-packages/libnmap/__init__.py", "python3-libnmap"],
  ["/usr/share/perl5/Nmap/Parser.pm", "libnmap-parser-perl"],
  ["/usr/share/perl5/XML/Simple.pm", "libxml-simple-perl"],
];
const UPDATE_MS = 120_000;
const INSTALL_MS = 300_000;

const folders = [...(process.env.PATH ?? "").split(":"), "/usr/local/sbin", "/usr/sbin", "/sbin"];

/** @param {string} name */
function hasProgram(name) {
  return folders.some((folder) => {
    try {
      accessSync(path.join(folder, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function findMissing() {
  const files = FILES.filter(([file]) => !existsSync(String(file))).map((row) => [...row, false]);
  return [...PROGRAMS.filter(([name]) => !hasProgram(String(name))), ...files];
}

/** @param {string[]} args @param {number} timeout */
function aptGet(args, timeout) {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const done = spawnSync("apt-get", ["-qq", ...args], { env, timeout, stdio: ["ignore", "pipe", "pipe"] });
  if (done.status === 0) return undefined;
  const words = done.error?.message ?? String(done.stderr).trim().split("\n").at(-1);
  return `apt-get ${args[0]}: ${words || `status ${done.status}`}`;
}

/** Debian asks it before a package starts its service; 101 is no (invoke-rc.d(8)). */
const SERVICE_POLICY = "/usr/sbin/policy-rc.d";

/** No sshd may be started on the machine itself. @template T @param {() => T} work */
function withoutServices(work) {
  if (existsSync(SERVICE_POLICY)) return work();
  writeFileSync(SERVICE_POLICY, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  try {
    return work();
  } finally {
    rmSync(SERVICE_POLICY);
  }
}

/** Why nothing could be installed, or undefined when it was. @param {string[]} packages */
function install(packages) {
  if (process.geteuid?.() !== 0) return "not root";
  if (!existsSync("/etc/debian_version") || !hasProgram("apt-get")) return "no Debian or Ubuntu";
  const options = ["-y", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=60"];
  // A failed update may still leave lists that are good enough: only the installation counts.
  const stale = aptGet(["update"], UPDATE_MS);
  const fault = withoutServices(() => aptGet(["install", ...options, ...packages], INSTALL_MS));
  return fault === undefined ? undefined : [stale, fault].filter(Boolean).join("; ");
}

function prepare() {
  if (process.platform !== "linux") return;
  let missing = findMissing();
  if (missing.length === 0) return;
  const packages = [...new Set(missing.map(([, name]) => String(name)))];
  const fault = install(packages);
  missing = findMissing();
  if (missing.length === 0) {
    console.log(`lab: installed ${packages.join(", ")}`);
    return;
  }
  const names = missing.map(([name]) => name).join(", ");
  const loss = missing.some(([, , isNeeded]) => isNeeded) ? "tests that need the lab" : "comparisons with it";
  console.error(`lab: missing ${names} (${fault ?? "still not there after the installation"}): ${loss} are skipped`);
  if (process.env.CI === "true") process.exitCode = 1;
}

prepare();
