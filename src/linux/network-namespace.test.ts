import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { SystemCallError } from "../model/errors.js";
import { inNetworkNamespace, listNamedNamespaces, mountedNamespaces, namespaceId } from "./network-namespace.js";

const isLinux = process.platform === "linux";
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "postern-netns-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** As a machine with iproute2, Docker and a mount namespace has it. */
const MOUNTINFO = String.raw`22 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw
43 42 0:4 net:[4026532177] /run/netns/blue rw shared:2 - nsfs nsfs rw
44 42 0:4 net:[4026532178] /run/netns/with\040blank\134and\012line rw shared:2 master:7 - nsfs nsfs rw
45 42 0:4 mnt:[4026532179] /run/snapd/ns/lxd.mnt rw - nsfs nsfs rw
46 42 0:4 net:[4026532180] /run/docker/netns/4f3c rw - nsfs nsfs rw
47 42 254:1 /net:[4026532181] /srv/fake rw - ext4 /dev/vda1 rw
48 42 254:1 net:[1] /srv/faker - ext4 /dev/vda1 rw
cut off
`;

describe("mounted namespaces", () => {
  test("are those of the network, with their paths unescaped", () => {
    expect(mountedNamespaces(MOUNTINFO)).toEqual([
      "/run/netns/blue",
      "/run/netns/with blank\\and\nline",
      "/run/docker/netns/4f3c",
    ]);
  });

  test("no text makes trouble, cut wherever", () => {
    for (let end = 0; end < MOUNTINFO.length; end++)
      expect(() => mountedNamespaces(MOUNTINFO.slice(0, end))).not.toThrow();
  });
});

describe("named namespaces", () => {
  test("come from the mounts and from the folders, each path once, and only where it leads into one", () => {
    mkdirSync(path.join(folder, "thread-self"));
    writeFileSync(path.join(folder, "thread-self", "mountinfo"), MOUNTINFO);
    const names = path.join(folder, "netns");
    mkdirSync(names);
    for (const name of ["linked", "stale"]) writeFileSync(path.join(names, name), "");
    const ids = new Map([
      ["/run/netns/blue", 4_026_532_177],
      ["/run/docker/netns/4f3c", 4_026_532_180],
      [path.join(names, "linked"), 4_026_532_177],
    ]);
    const found = listNamedNamespaces({
      procRoot: folder,
      folders: [names, "/run/docker/netns", "/nowhere"],
      idOf: (file) => ids.get(file),
    });
    expect(found).toEqual([
      { inode: 4_026_532_180, path: "/run/docker/netns/4f3c", name: "4f3c" },
      { inode: 4_026_532_177, path: "/run/netns/blue", name: "blue" },
      { inode: 4_026_532_177, path: path.join(names, "linked"), name: "linked" },
    ]);
  });

  test("there are none without mounts and folders", () => {
    expect(listNamedNamespaces({ procRoot: folder, folders: [folder] })).toEqual([]);
  });
});

describe("the number of a namespace", () => {
  test("stands in a link as in /proc/PID/ns", () => {
    symlinkSync("net:[4026531840]", path.join(folder, "net"));
    symlinkSync("mnt:[4026531841]", path.join(folder, "mnt"));
    symlinkSync("net:[4026531840] (deleted)", path.join(folder, "odd"));
    expect(namespaceId(path.join(folder, "net"))).toBe(4_026_531_840);
    expect(namespaceId(path.join(folder, "mnt"))).toBeUndefined();
    expect(namespaceId(path.join(folder, "odd"))).toBeUndefined();
  });

  test("no other file has one", () => {
    writeFileSync(path.join(folder, "file"), "");
    expect(namespaceId(path.join(folder, "file"))).toBeUndefined();
    expect(namespaceId(path.join(folder, "nowhere"))).toBeUndefined();
    expect(namespaceId("/dev/null")).toBeUndefined();
    expect(namespaceId(folder)).toBeUndefined();
  });

  test.skipIf(!isLinux)("this process has one (Linux only)", () => {
    expect(namespaceId("/proc/self/ns/net")).toBeGreaterThan(0);
    symlinkSync("/proc/self/ns/net", path.join(folder, "own"));
    expect(namespaceId(path.join(folder, "own"))).toBe(namespaceId("/proc/self/ns/net"));
  });
});

describe.skipIf(!isLinux)("into a namespace (Linux only)", () => {
  const enter = (file: string, inode: number) => () => inNetworkNamespace({ path: file, inode }, () => "inside");

  test("that is not there, or is another one by now, nobody goes", () => {
    expect(enter(path.join(folder, "nowhere"), 1)).toThrow(SystemCallError);
    writeFileSync(path.join(folder, "file"), "");
    expect(enter(path.join(folder, "file"), 1)).toThrow("ENOENT");
  });
});
