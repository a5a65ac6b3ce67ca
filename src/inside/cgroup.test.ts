import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readControlGroup } from "./cgroup.js";

const ID = "9bca8d63d5fa610783847915bcff0ecac1273e5b4bed3f6fa1b07350e0135961";
const INNER = "1f04600dc69496d5b2a2c9dd5d8d2a1d1d1e9e3f0a1b2c3d4e5f60718293a4b5";
const POD = "2c48913c-b29f-11e7-9350-020968147796";
const POD_ = POD.replaceAll("-", "_");

/** [what, text, unit, user unit, slice, runtimes and ids with pods] */
type Row = readonly [
  what: string,
  text: string,
  unit: string | undefined,
  userUnit: string | undefined,
  slice: string | undefined,
  containers: readonly string[],
];

const ROWS: readonly Row[] = [
  ["a service", "0::/system.slice/nginx.service", "nginx.service", undefined, "system.slice", []],
  [
    "a service of a template in a slice of its own",
    "0::/system.slice/system-postgresql.slice/postgresql@16-main.service",
    "postgresql@16-main.service",
    undefined,
    "system-postgresql.slice",
    [],
  ],
  [
    "a service that makes groups",
    "0::/system.slice/foo.service/workers/1",
    "foo.service",
    undefined,
    "system.slice",
    [],
  ],
  ["a socket unit", "0::/system.slice/sshd.socket", "sshd.socket", undefined, "system.slice", []],
  ["a service without a slice", "0::/init.scope", "init.scope", undefined, undefined, []],
  ["a login", "0::/user.slice/user-1000.slice/session-3.scope", "session-3.scope", undefined, "user-1000.slice", []],
  [
    "a user's service",
    "0::/user.slice/user-1000.slice/user@1000.service/app.slice/syncthing.service",
    "user@1000.service",
    "syncthing.service",
    "app.slice",
    [],
  ],
  [
    "a user's manager itself",
    "0::/user.slice/user-1000.slice/user@1000.service/init.scope",
    "user@1000.service",
    "init.scope",
    "user-1000.slice",
    [],
  ],
  [
    "docker, systemd driver",
    `0::/system.slice/docker-${ID}.scope`,
    `docker-${ID}.scope`,
    undefined,
    "system.slice",
    [`docker ${ID}`],
  ],
  [
    "docker, cgroupfs driver, version 1",
    `12:pids:/docker/${ID}\n1:name=systemd:/docker/${ID}\n`,
    undefined,
    undefined,
    undefined,
    [`docker ${ID}`],
  ],
  [
    "docker in docker",
    `0::/system.slice/docker-${ID}.scope/docker/${INNER}`,
    `docker-${ID}.scope`,
    undefined,
    "system.slice",
    [`docker ${ID}`, `docker ${INNER}`],
  ],
  ["docker with a parent", `0::/actions_job/${ID}`, undefined, undefined, undefined, [`unknown ${ID}`]],
  [
    "a build",
    "0::/docker/buildkit/lksjz9rdmvz0r2fjo4qyqk1gm",
    undefined,
    undefined,
    undefined,
    ["buildkit lksjz9rdmvz0r2fjo4qyqk1gm"],
  ],
  [
    "rootless docker",
    `0::/user.slice/user-1000.slice/user@1000.service/user.slice/docker-${ID}.scope`,
    "user@1000.service",
    `docker-${ID}.scope`,
    "user.slice",
    [`docker ${ID}`],
  ],
  [
    "podman",
    `0::/machine.slice/libpod-${ID}.scope/container`,
    `libpod-${ID}.scope`,
    undefined,
    "machine.slice",
    [`podman ${ID}`],
  ],
  [
    "rootless podman",
    `0::/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-${ID}.scope/container`,
    "user@1000.service",
    `libpod-${ID}.scope`,
    "user.slice",
    [`podman ${ID}`],
  ],
  [
    "podman's monitor",
    `0::/machine.slice/libpod-conmon-${ID}.scope`,
    `libpod-conmon-${ID}.scope`,
    undefined,
    "machine.slice",
    [`podman ${ID} (monitor)`],
  ],
  [
    "a quadlet",
    `0::/system.slice/nginx.service/libpod-payload-${ID}`,
    "nginx.service",
    undefined,
    "system.slice",
    [`podman ${ID}`],
  ],
  [
    "a pod of podman",
    `0::/machine.slice/machine-libpod_pod_${INNER}.slice/libpod-${ID}.scope/container`,
    `libpod-${ID}.scope`,
    undefined,
    `machine-libpod_pod_${INNER}.slice`,
    [`podman ${ID} in podman ${INNER}`],
  ],
  [
    "Kubernetes, guaranteed, systemd driver",
    `0::/kubepods.slice/kubepods-pod${POD_}.slice/cri-containerd-${ID}.scope`,
    `cri-containerd-${ID}.scope`,
    undefined,
    `kubepods-pod${POD_}.slice`,
    [`containerd ${ID} in kubernetes ${POD}`],
  ],
  [
    "Kubernetes, burstable, systemd driver, cri-o",
    `0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${POD_}.slice/crio-${ID}.scope/container`,
    `crio-${ID}.scope`,
    undefined,
    `kubepods-burstable-pod${POD_}.slice`,
    [`cri-o ${ID} in kubernetes ${POD}`],
  ],
  [
    "cri-o's monitor",
    `0::/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod${POD_}.slice/crio-conmon-${ID}.scope`,
    `crio-conmon-${ID}.scope`,
    undefined,
    `kubepods-besteffort-pod${POD_}.slice`,
    [`cri-o ${ID} in kubernetes ${POD} (monitor)`],
  ],
  [
    "Kubernetes, best effort, cgroupfs driver (k3s)",
    `0::/kubepods/besteffort/pod${POD}/${ID}`,
    undefined,
    undefined,
    undefined,
    [`unknown ${ID} in kubernetes ${POD}`],
  ],
  [
    "a static pod",
    `0::/kubepods/burstable/pod0123456789abcdef0123456789abcdef/${ID}`,
    undefined,
    undefined,
    undefined,
    [`unknown ${ID} in kubernetes 0123456789abcdef0123456789abcdef`],
  ],
  [
    "containerd with one driver and kubelet with the other",
    `1:name=systemd:/system.slice/containerd.service/kubepods-burstable-pod${POD_}.slice:cri-containerd:${ID}`,
    "containerd.service",
    undefined,
    "system.slice",
    [`containerd ${ID} in kubernetes ${POD}`],
  ],
  [
    "kind: Kubernetes in docker",
    `0::/system.slice/docker-${ID}.scope/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-besteffort.slice/kubelet-kubepods-besteffort-pod${POD_}.slice/cri-containerd-${INNER}.scope`,
    `docker-${ID}.scope`,
    undefined,
    `kubelet-kubepods-besteffort-pod${POD_}.slice`,
    [`docker ${ID}`, `containerd ${INNER} in kubernetes ${POD}`],
  ],
  ["nerdctl, cgroupfs driver", `0::/default/${ID}`, undefined, undefined, undefined, [`containerd ${ID}`]],
  [
    "lxc, lxd, incus",
    "0::/lxc.payload.web1/system.slice/ssh.service",
    undefined,
    undefined,
    "system.slice",
    ["lxc web1"],
  ],
  ["lxc's monitor", "0::/lxc.monitor.web1", undefined, undefined, undefined, ["lxc web1 (monitor)"]],
  ["lxc on Proxmox", "0::/lxc/101/ns/system.slice/nginx.service", undefined, undefined, "system.slice", ["lxc 101"]],
  [
    "systemd-nspawn",
    "0::/machine.slice/machine-debian\\x2dtree.scope/payload/system.slice/cron.service",
    "machine-debian\\x2dtree.scope",
    undefined,
    "system.slice",
    ["systemd-nspawn debian-tree"],
  ],
  [
    "systemd-nspawn as a service",
    "0::/machine.slice/systemd-nspawn@web.service/supervisor",
    "systemd-nspawn@web.service",
    undefined,
    "machine.slice",
    ["systemd-nspawn web (monitor)"],
  ],
  [
    "a virtual machine is no container",
    "0::/machine.slice/machine-qemu\\x2d1\\x2dwin11.scope/libvirt/emulator",
    "machine-qemu\\x2d1\\x2dwin11.scope",
    undefined,
    "machine.slice",
    [],
  ],
  [
    "libvirt's containers",
    "0::/machine.slice/machine-lxc\\x2d7\\x2dweb.scope",
    "machine-lxc\\x2d7\\x2dweb.scope",
    undefined,
    "machine.slice",
    ["libvirt-lxc web"],
  ],
  [
    "both versions at once",
    `13:memory:/docker/${ID}\n1:name=systemd:/docker/${ID}\n0::/system.slice/containerd.service\n`,
    "containerd.service",
    undefined,
    "system.slice",
    [`docker ${ID}`],
  ],
  [
    "both versions, one service",
    "11:cpuset:/\n1:name=systemd:/system.slice/ssh.service\n0::/system.slice/ssh.service\n",
    "ssh.service",
    undefined,
    "system.slice",
    [],
  ],
  ["a namespace of groups of its own", "0::/\n", undefined, undefined, undefined, []],
  [
    "a group outside of the reader's namespace",
    `0::/../../docker-${ID}.scope\n`,
    `docker-${ID}.scope`,
    undefined,
    undefined,
    [`docker ${ID}`],
  ],
  ["WSL", "0::/init.scope\n", "init.scope", undefined, undefined, []],
  ["no systemd", "1:cpu:/\n", undefined, undefined, undefined, []],
  [
    "a group that was removed",
    "0::/system.slice/old.service (deleted)\n",
    "old.service",
    undefined,
    "system.slice",
    [],
  ],
  [
    "a name that the kernel would take for its own",
    "0::/system.slice/_cgroup.service",
    "cgroup.service",
    undefined,
    "system.slice",
    [],
  ],
  ["nothing", "", undefined, undefined, undefined, []],
  ["what is no such file", "hello\n::\n5:x\n", undefined, undefined, undefined, []],
];

test.each(ROWS)("%s", (_what, text, unit, userUnit, slice, containers) => {
  const group = readControlGroup(text);
  expect(group.unit?.name).toBe(unit);
  expect(group.userUnit?.name).toBe(userUnit);
  expect(group.slice).toBe(slice);
  const shown = group.containers.map(({ runtime, id, pod, role }) => {
    const inPod = pod === undefined ? "" : ` in ${pod.kind} ${pod.id}`;
    return `${runtime} ${id}${inPod}${role === "monitor" ? " (monitor)" : ""}`;
  });
  expect(shown).toEqual(containers);
});

describe("units", () => {
  test("have a name for systemctl and one for people", () => {
    const { unit } = readControlGroup("0::/system.slice/dev-disk-by\\x2duuid-4f\\xc3\\xa9.swap");
    expect(unit).toEqual({
      name: "dev-disk-by\\x2duuid-4f\\xc3\\xa9.swap",
      title: "dev-disk-by-uuid-4fé.swap",
      kind: "swap",
    });
  });

  test.each([
    [
      "0::/user.slice/user-1000.slice/user@1000.service/app.slice/snap.firefox.firefox\\x2d4f1c.scope",
      "snap",
      "firefox",
    ],
    ["0::/system.slice/snap.lxd.daemon.service", "snap", "lxd"],
    [
      "0::/user.slice/user-1000.slice/user@1000.service/app.slice/app-flatpak-org.gnome.Calculator-2154.scope",
      "flatpak",
      "org.gnome.Calculator",
    ],
  ])("of %s belong to a bundle", (text, kind, name) => {
    expect(readControlGroup(text).bundle).toEqual({ kind, name });
  });

  test("tell whose session it is", () => {
    expect(readControlGroup("0::/user.slice/user-1000.slice/session-3.scope").sessionUid).toBe(1000);
    expect(readControlGroup("0::/user.slice/user@993.service").sessionUid).toBe(993);
    expect(readControlGroup("0::/system.slice/x.service").sessionUid).toBeUndefined();
  });
});

test("a removed group is known as such", () => {
  expect(readControlGroup("0::/a.slice/b.service (deleted)")).toMatchObject({
    isDeleted: true,
    path: "/a.slice/b.service",
  });
});

test("no text at all makes it throw", () => {
  const piece = fc.constantFrom(
    "0::",
    "1:name=systemd:",
    "/",
    "..",
    "docker",
    ".slice",
    ".scope",
    "pod",
    ID,
    "\\x2d",
    "\n",
    ":",
    "\x1b",
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(piece, fc.string()), { maxLength: 40 }), (pieces) => {
      readControlGroup(pieces.join(""));
    }),
  );
});
