// `postern sockets --proc` on trees of three machines, beside what ss says of them: src/inside/fixtures.
import { beforeAll, describe, expect, test } from "vitest";
import { fixture, MACHINES, parseTree, procTrees } from "../../inside/proc-tree.test.data.js";
import { keepConsole } from "../command-console.test.data.js";
import { socketsCommand } from "./sockets-command.js";

const treeOf = procTrees();
const roots = new Map<string, string>();

beforeAll(() => {
  for (const machine of MACHINES) roots.set(machine, treeOf(parseTree(fixture(`${machine}.tree`))));
});

async function shown(machine: string, words: readonly string[], columns?: number): Promise<string> {
  const { console, out, errors } = keepConsole(columns);
  const status = await socketsCommand.run([...words, "--proc", roots.get(machine) ?? ""], console);
  expect({ status, errors: errors() }).toEqual({ status: 0, errors: "" });
  return out();
}

interface SeenSocket {
  readonly protocol: string;
  readonly local: string;
  readonly localPort: number;
  readonly namespace: number;
  readonly inode: number;
  readonly uid?: number;
  readonly ownership: string;
  readonly processes: readonly {
    readonly pid: number;
    readonly name: string;
    readonly descriptors: readonly number[];
  }[];
}

async function seen(machine: string, words: readonly string[]): Promise<readonly SeenSocket[]> {
  return (JSON.parse(await shown(machine, ["--json", ...words])) as { sockets: SeenSocket[] }).sockets;
}

/** "udp 127.0.0.1:323 uid 0 4026531840 17112 chronyd/545/5": by the words of ss, without what no text of /proc has. */
function byTruth(text: string): readonly string[] {
  let namespace = "";
  return text.split("\n").flatMap((line) => {
    namespace = /^# net:\[(\d+)\]$/.exec(line)?.[1] ?? namespace;
    const [protocol, , , , local] = line.split(" ");
    if (protocol !== "tcp" && protocol !== "udp") return [];
    const place = local?.replace(/%\w+(?=:\d+$)/, "").replace(/^\*/, "[::]");
    const uid = / uid:(\d+)/.exec(line)?.[1] ?? "0";
    const inode = / ino:(\d+)/.exec(line)?.[1];
    const users = [...line.matchAll(/\("([^"]+)",pid=(\d+),fd=(\d+)\)/g)].map(([, ...words]) => words.join("/"));
    return [`${protocol} ${place} uid ${uid} ${namespace} ${inode} ${users.toSorted().join()}`];
  });
}

function byPostern({ protocol, local, localPort, uid, namespace, inode, processes }: SeenSocket): string {
  const place = `${local.includes(":") ? `[${local}]` : local}:${localPort}`;
  const users = processes.flatMap(({ pid, name, descriptors }) => descriptors.map((fd) => `${name}/${pid}/${fd}`));
  return `${protocol} ${place} uid ${uid} ${namespace} ${inode} ${users.toSorted().join()}`;
}

describe.each(MACHINES)("%s", (machine) => {
  test("shows what ss -tulnp shows, in every namespace", async () => {
    const truth = byTruth(fixture(`${machine}.ss`));
    expect(truth.length).toBeGreaterThan(10);
    const sockets = (await seen(machine, ["-tu"])).filter(({ protocol }) => protocol !== "udplite"); // ss leaves it out
    expect(sockets.map(byPostern).toSorted()).toEqual(truth.toSorted());
  });

  test("shows the Unix sockets that ss -xl shows", async () => {
    const truth = [...fixture(`${machine}.ss`).matchAll(/^u_\w+ .* (\S+) (\d+) \* 0/gm)];
    const bound = truth.filter(([, path]) => path !== "*").map(([, , inode]) => Number(inode));
    expect((await seen(machine, ["-x"])).map(({ inode }) => inode).toSorted()).toEqual(bound.toSorted());
  });

  test("looks as it should", async () => {
    await expect(await shown(machine, ["-tuSw0x"])).toMatchFileSnapshot(`machines.test.data/${machine}.txt`);
    await expect(await shown(machine, ["--all"])).toMatchFileSnapshot(`machines.test.data/${machine}-all.txt`);
    await expect(await shown(machine, [], 80)).toMatchFileSnapshot(`machines.test.data/${machine}-80.txt`);
  });

  test("says the same to programs", async () => {
    const text = (await shown(machine, ["--json", "-tu"])).replace(
      /^(\{.*"postern":)"[^"]*","at":"[^"]*"/,
      '$1"","at":""',
    );
    await expect(text).toMatchFileSnapshot(`machines.test.data/${machine}-json.txt`);
  });
});

test("a socket that no process of the tree holds is the kernel's", async () => {
  const kernel = (await Promise.all(MACHINES.map((machine) => seen(machine, ["-tu"])))).map((sockets) =>
    sockets
      .filter(({ ownership }) => ownership !== "processes")
      .map(({ localPort, ownership }) => [localPort, ownership]),
  );
  expect(kernel).toEqual([
    [],
    [
      [2049, "kernel"],
      [2049, "kernel"],
    ],
    [
      [51820, "kernel"],
      [51820, "kernel"],
    ],
  ]);
});
