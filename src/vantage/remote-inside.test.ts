// The inside of hosts that are not as they should be: what was told is read, and the rest is a gap.
import { expect, test } from "vitest";
import { fixture, parseTree } from "../inside/proc-tree.test.data.js";
import type { SocketWish } from "../inside/socket-wish.js";
import { fakeSsh, withTag } from "../linux/fake-ssh.test.data.js";
import { formatAddress } from "../target/address.js";
import { type RemoteInsideOptions, readRemoteInside } from "./remote-inside.js";

const programOf = fakeSsh();
const WISH: SocketWish = { kinds: new Set(["inet"]), onlyListening: true };
const NOW_MS = 1_700_000_000_000;

function read(program: string, options: Partial<RemoteInsideOptions> = {}) {
  const { signal } = new AbortController();
  return readRemoteInside(
    { host: "jump", user: undefined, port: undefined },
    { program, wish: WISH, sudo: false, connectTimeoutMs: 300, signal, nowMs: () => NOW_MS, ...options },
  );
}

/** A host that tells these lines; "TAG" stands for its tag. */
function telling(lines: readonly string[], after = ":"): string {
  const text = lines.map((line) => line.replaceAll("'", "'\\''")).join("\n");
  return programOf(withTag(`printf '%s\\n' '${text}' | sed "s/^TAG/$tag/"; ${after}`));
}

/** A machine of src/inside's, as the script would tell it. */
function machineLines(name: string): readonly string[] {
  const { files, links } = parseTree(fixture(name));
  const told = Object.entries(files).filter(
    ([file]) => /^(?:net|\d+\/net|\d+|stat)(?:\/|$)/.test(file) && !file.endsWith("cmdline"),
  );
  return [
    ...told.flatMap(([file, text]) =>
      text
        .trimEnd()
        .split("\n")
        .map((line) => `/proc/${file}:${line}`),
    ),
    ...Object.entries(links).map(([link, target]) => `L:/proc/${link} ${target}`),
  ];
}

test("a machine is read as a copy of its /proc is", async () => {
  const inside = await read(
    telling(["TAG begin", "D:1700000007", "S:Linux 6.1.0 x86_64", ...machineLines("docker-host.tree"), "TAG end"]),
  );
  const rows = inside.view.sockets.flatMap(({ socket, namespace, holders }) => {
    if (socket.kind !== "inet" || !namespace.isOwn || socket.localPort !== 22) return [];
    return [`${formatAddress(socket.local)} ${holders.map(({ process }) => process.name).join()}`];
  });
  expect(rows).toEqual(["0.0.0.0 sshd", ":: sshd"]);
  expect(inside).toMatchObject({ clockDifferenceMs: 7000, system: "Linux 6.1.0 x86_64", kernel: undefined });
});

test("a host that vanishes midway has what it told, and a gap", async () => {
  const lines = ["TAG begin", "S:Linux 6.1.0 x86_64", ...machineLines("docker-host.tree")];
  const inside = await read(telling(lines, 'echo "Connection to jump closed by remote host." >&2; exit 255'));
  expect(inside.view.sockets.length).toBeGreaterThan(5);
  expect(inside.gaps).toContainEqual({
    code: "changed",
    what: "a part of the inside of jump",
    why: "the connection was closed before it was done",
  });
  expect(inside.rulesets.nft).toEqual({ kind: "fault", why: "it was not told" });
});

test("no Linux, another byte order, and no shell are gaps", async () => {
  const bsd = await read(telling(["TAG begin", "D:1700000000", "S:FreeBSD 14.0 amd64", "TAG no-proc", "TAG end"]));
  expect(bsd.view.sockets).toEqual([]);
  expect(bsd.gaps).toEqual([
    { code: "absent", what: "the inside of jump", why: 'it is "FreeBSD 14.0 amd64", without a /proc of Linux' },
  ]);
  const mainframe = await read(telling(["TAG begin", "S:Linux 6.1.0 s390x", "TAG end"]));
  expect(mainframe.gaps).toMatchObject([{ why: "its kernel writes addresses the other way round" }]);
  const menu = await read(programOf("echo Welcome; echo '1) Reboot'; exit 0"));
  expect(menu.gaps).toEqual([{ code: "malformed", what: "the inside of jump", why: "its shell runs no script" }]);
});

test("processes that may not be looked into leave sockets hidden, not ownerless", async () => {
  const lines = machineLines("docker-host.tree").filter((line) => !/^L:\/proc\/\d+\/fd/.test(line));
  const inside = await read(telling(["TAG begin", "S:Linux 6.1.0 x86_64", ...lines, "N:900", "TAG end"]));
  expect(new Set(inside.view.sockets.map(({ ownership }) => ownership))).toEqual(new Set(["hidden"]));
  expect(inside.gaps.map(({ why }) => why).join()).toContain("the descriptors of 1 process may not be seen there");
});

test("sudo is used where it lets us, and else it is a gap", async () => {
  const script = withTag(`case "$command" in
  'sudo -n sh') echo "sudo: a password is required" >&2; exit 1 ;;
  *) echo "$tag begin"; echo "S:Linux 6.1.0 x86_64"; echo "$tag end" ;;
esac`);
  const inside = await read(programOf(script), { sudo: true });
  expect(inside.system).toBe("Linux 6.1.0 x86_64");
  expect(inside.gaps).toContainEqual({
    code: "denied",
    what: "what only root may see of jump",
    why: 'sudo did not start sh: "sudo: a password is required"',
  });
  const root = await read(programOf(withTag('echo "$tag begin"; echo "S:$command"; echo "$tag end"')), { sudo: true });
  expect(root.system).toBe("sudo -n sh");
});

test("the script runs on this machine's own sh", async () => {
  const inside = await read(programOf(), { nowMs: undefined });
  expect(inside.system).toMatch(/^Linux \d/);
  expect(inside.gaps.filter(({ code }) => code === "malformed")).toEqual([]);
  expect(inside.environment.interfaces.map(({ name }) => name)).toContain("lo");
  expect(Math.abs(inside.clockDifferenceMs ?? 9e9)).toBeLessThan(5000);
  expect(inside.kernel?.reports.some(({ state }) => state === "judged")).toBe(true);
});
