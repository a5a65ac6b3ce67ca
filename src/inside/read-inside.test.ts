// Trees that are not as they should be, and processes that come and go while they are looked at.
import { rmSync, symlinkSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import type { KernelSocket } from "../linux/kernel-socket.js";
import { ProcFiles } from "../linux/proc-files.js";
import { readInsideTree } from "./open-inside.js";
import { fixture, parseTree, procTrees } from "./proc-tree.test.data.js";
import { type InsideQuery, readInside } from "./read-inside.js";
import { textSource } from "./socket-source.js";
import type { SocketWish } from "./socket-wish.js";

const treeOf = procTrees();
const MACHINE = parseTree(fixture("docker-host.tree"));
const WISH: SocketWish = { kinds: new Set(["inet"]), onlyListening: true };

function read(root: string) {
  return readInsideTree(root, { wish: WISH, onlyOwnNamespace: false });
}

/** The machine without some of its paths, and with others. */
function changed(
  drop: RegExp,
  files: Readonly<Record<string, string>> = {},
  links: Readonly<Record<string, string>> = {},
) {
  const left = (all: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(all).filter(([name]) => !drop.test(name)));
  return treeOf({ files: { ...left(MACHINE.files), ...files }, links: { ...left(MACHINE.links), ...links } });
}

async function holdersOf(root: string, port: number) {
  const { sockets } = await read(root);
  return sockets
    .filter(({ socket }) => socket.kind === "inet" && socket.localPort === port)
    .map(({ ownership, holders }) => [ownership, ...holders.map(({ process }) => `${process.name}[${process.pid}]`)]);
}

describe("a tree that is incomplete", () => {
  test("without anything is a gap, and no error", async () => {
    const { sockets, gaps } = await read(treeOf({}));
    expect(sockets).toEqual([]);
    expect(gaps).toMatchObject([{ code: "absent", what: "all sockets" }]);
    expect((await read("/nonexistent")).gaps).toMatchObject([{ code: "absent" }]);
  });

  test("tables that cannot be read are gaps, and the others are shown", async () => {
    const { sockets, gaps } = await read(changed(/^net\/tcp$/, { "net/tcp/x": "" }));
    expect(gaps).toMatchObject([{ code: "denied", what: "the sockets of net/tcp" }]);
    expect(sockets.length).toBeGreaterThan(10);
  });

  test("lines that are none of the kernel's are counted", async () => {
    const { gaps } = await read(changed(/^$/, { "net/tcp": `${MACHINE.files["net/tcp"]}junk\n\x1b[2J\n` }));
    expect(gaps).toMatchObject([{ code: "malformed", what: "2 lines of net/tcp" }]);
  });

  test("files of a process that are missing leave it without what they say", async () => {
    const { sockets } = await read(changed(/^900\/(?:stat|status|exe|cgroup|comm)$/));
    const ssh = sockets.find(({ socket }) => socket.kind === "inet" && socket.localPort === 22);
    expect(ssh?.holders).toEqual([
      {
        process: {
          pid: 900,
          name: undefined,
          uid: undefined,
          effectiveUid: undefined,
          capabilities: undefined,
          startedAtMs: undefined,
          executable: undefined,
          controlGroup: undefined,
          innerPid: undefined,
        },
        descriptors: [3],
      },
    ]);
  });

  test("without any descriptors nothing is said to be the kernel's", async () => {
    const root = changed(/^\d+\/fd\//);
    expect(await holdersOf(root, 2049)).toEqual([["hidden"], ["hidden"]]);
    expect((await read(root)).gaps).toMatchObject([
      { code: "denied", why: "there are no descriptors of processes in the tree" },
    ]);
  });

  test("a process without its descriptors holds nothing", async () => {
    expect(await holdersOf(changed(/^900\/fd/), 22)).toEqual([["kernel"], ["kernel"]]);
  });

  test("links of descriptors that are none of the kernel's are passed over", async () => {
    const links = {
      "900/fd/70": "socket:[",
      "900/fd/71": "socket:[]x",
      "900/fd/72": "socket:[99999999999999999999]",
      "900/fd/x": "socket:[20407]",
    };
    expect(await holdersOf(changed(/^$/, {}, links), 2049)).toEqual([["kernel"], ["kernel"]]);
  });

  test("numbers of processes that are none are no processes", async () => {
    const links = { "0/fd/3": "socket:[20437]", "01/fd/3": "socket:[20437]", "99999999999/fd/3": "socket:[20437]" };
    expect(await holdersOf(changed(/^$/, {}, links), 2049)).toEqual([["kernel"], ["kernel"]]);
  });

  test("of a namespace whose oldest process has no tables any more those of the next one count", async () => {
    const { sockets, gaps } = await read(
      changed(/^2210\/net\//, Object.fromEntries([["2265/net/tcp", MACHINE.files["2210/net/tcp"] ?? ""]])),
    );
    expect(sockets.filter(({ namespace }) => namespace.number === 4_026_532_441)).toHaveLength(2);
    expect(gaps).toEqual([]);
  });

  test("a namespace without any table is a gap", async () => {
    const { gaps } = await read(changed(/^2210\/net\//));
    expect(gaps).toMatchObject([{ code: "absent", why: "there is no table of sockets in 2210/net" }]);
  });

  test("names of processes may hold parentheses, line feeds and escape sequences", async () => {
    const name = "a) R 1\n\x1b[2J(b";
    const stat = (MACHINE.files["900/stat"] ?? "").replace("(sshd)", `(${name})`);
    expect(await holdersOf(changed(/^900\/stat$/, { "900/stat": stat }), 22)).toEqual([
      ["processes", `${name}[900]`],
      ["processes", `${name}[900]`],
    ]);
  });
});

describe("what changes while it is looked at", () => {
  /** Reads the machine; `then` comes between the reading of the sockets and the end of the look at processes. */
  async function readWhile(root: string, then: () => void, more: Partial<InsideQuery> = {}) {
    const files = new ProcFiles(root);
    let reads = 0;
    return await readInside({
      files,
      wish: WISH,
      onlyOwnNamespace: true,
      namedNamespaces: [],
      blindness: undefined,
      sourceOf: () => {
        const source = textSource(files, "net");
        return {
          ...source,
          readSockets: (wish) => {
            const reading = source.readSockets(wish);
            reads += 1;
            if (reads === 1) then();
            return reading;
          },
        };
      },
      kernelOwnerOf: () => undefined,
      ...more,
    });
  }

  function portsAndHolders(view: Awaited<ReturnType<typeof readInside>>) {
    return new Map(
      view.sockets.map(({ socket, ownership, holders }) => [
        (socket as KernelSocket & { readonly kind: "inet" }).localPort,
        holders.length === 0 ? ownership : holders.map(({ process }) => process.pid).join(),
      ]),
    );
  }

  test("a process that has ended leaves its socket, which is gone at the second look", async () => {
    const root = changed(/^$/);
    const view = await readWhile(root, () => {
      rmSync(path.join(root, "1010"), { recursive: true });
      const table = (MACHINE.files["net/tcp"] ?? "").split("\n").filter((line) => !line.includes(" 20460 "));
      rmSync(path.join(root, "net/tcp"));
      symlinkSync(path.join(treeOf({ files: { "net/tcp": table.join("\n") } }), "net/tcp"), path.join(root, "net/tcp"));
    });
    expect(portsAndHolders(view).has(39_473)).toBe(false);
    expect(portsAndHolders(view).get(2375)).toBe("1100");
    expect(view.gaps).toEqual([]);
  });

  test("a process that was started meanwhile is found at the second look", async () => {
    const root = changed(/^1010\//);
    const young = treeOf({ links: { "1011/fd/8": "socket:[20460]" } });
    const view = await readWhile(root, () => symlinkSync(path.join(young, "1011"), path.join(root, "1011")));
    expect(portsAndHolders(view).get(39_473)).toBe("1011");
  });

  test("what a process does not show is the kernel's only where all processes can be seen", async () => {
    const root = changed(/^1010\//);
    const ports = portsAndHolders(await readWhile(root, () => {}, { blindness: "there is a wall" }));
    expect([ports.get(39_473), ports.get(2375), ports.get(2049)]).toEqual(["hidden", "1100", "hidden"]);
    const { gaps } = await readWhile(root, () => {}, { blindness: "there is a wall" });
    expect(gaps).toEqual([{ code: "denied", what: "the processes of 3 sockets", why: "there is a wall" }]);
    expect(portsAndHolders(await readWhile(root, () => {})).get(39_473)).toBe("kernel");
  });

  test("the kernel's own are named, and only they", async () => {
    const view = await readWhile(changed(/^$/), () => {}, {
      kernelOwnerOf: (socket) => (socket.kind === "inet" && socket.localPort === 2049 ? "NFS server" : undefined),
    });
    const owners = view.sockets.filter(({ kernelOwner }) => kernelOwner !== undefined);
    expect(owners.map(({ kernelOwner, ownership }) => [kernelOwner, ownership])).toEqual([
      ["NFS server", "kernel"],
      ["NFS server", "kernel"],
    ]);
  });

  test("where processes are hidden the kernel's own are named only if that is certain", async () => {
    const view = await readWhile(changed(/^$/), () => {}, {
      blindness: "there is a wall",
      kernelOwnerOf: (socket, _namespace, isCertainOnly) =>
        socket.kind !== "inet" || socket.localPort !== 2049 || (socket.family === 6 && isCertainOnly)
          ? undefined
          : "NFS",
    });
    const owners = view.sockets.filter(({ holders }) => holders.length === 0);
    expect(owners.map(({ kernelOwner, ownership }) => [kernelOwner, ownership])).toEqual([
      ["NFS", "kernel"],
      [undefined, "hidden"],
    ]);
  });
});
