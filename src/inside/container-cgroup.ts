// Containers by the names that their runtimes give to control groups. Sources: moby and runc ("docker-ID.scope", "/docker/ID"),
// containerd's CRI ("cri-containerd-ID.scope"), cri-o, podman's podman-run(1) "--cgroups", kubelet (kubepods slices),
// lxc.container.conf(5) "lxc.cgroup.dir.payload", systemd-nspawn(1), libvirt's "Control Groups Resource Management".
import { unescapedUnit } from "./unit-name.js";

/** Who runs it; "unknown" where the path has a container's id and no word of its runtime. */
export type ContainerRuntime =
  | "docker"
  | "buildkit"
  | "containerd"
  | "cri-o"
  | "podman"
  | "lxc"
  | "systemd-nspawn"
  | "libvirt-lxc"
  | "unknown";

/** A container that a process belongs to. */
export interface Container {
  readonly runtime: ContainerRuntime;
  /** 64 hexadecimal digits with docker and its relatives; a name with lxc, systemd-nspawn and libvirt-lxc. */
  readonly id: string;
  /** The pod that it is part of: Kubernetes' UID with dashes, or podman's id. */
  readonly pod: { readonly kind: "kubernetes" | "podman"; readonly id: string } | undefined;
  /** A monitor belongs to the container and runs outside of it, like conmon. */
  readonly role: "payload" | "monitor";
}

type Draft = Omit<Container, "pod">;

const HEX_ID = "[0-9a-f]{64}";

/** How one part of a path names a container; the first group is its id or name. */
const SEGMENT_FORMS: readonly (readonly [form: RegExp, runtime: ContainerRuntime, role: Container["role"]])[] = [
  [new RegExp(`^docker-(${HEX_ID})\\.scope$`), "docker", "payload"],
  [new RegExp(`^cri-containerd-(${HEX_ID})\\.scope$`), "containerd", "payload"],
  [new RegExp(`^nerdctl-(${HEX_ID})\\.scope$`), "containerd", "payload"],
  [new RegExp(`^crio-conmon-(${HEX_ID})(?:\\.scope)?$`), "cri-o", "monitor"],
  [new RegExp(`^crio-(${HEX_ID})(?:\\.scope)?$`), "cri-o", "payload"],
  [new RegExp(`^libpod-conmon-(${HEX_ID})(?:\\.scope)?$`), "podman", "monitor"],
  [new RegExp(`^libpod-(?:payload-)?(${HEX_ID})(?:\\.scope)?$`), "podman", "payload"],
  // containerd or docker with the cgroupfs driver, given a path that is meant for systemd's
  [new RegExp(`\\.slice:cri-containerd:(${HEX_ID})$`), "containerd", "payload"],
  [new RegExp(`\\.slice:nerdctl:(${HEX_ID})$`), "containerd", "payload"],
  [new RegExp(`\\.slice:docker:(${HEX_ID})$`), "docker", "payload"],
  [new RegExp(`\\.slice:crio:(${HEX_ID})$`), "cri-o", "payload"],
  [new RegExp(`\\.slice:libpod:(${HEX_ID})$`), "podman", "payload"],
  [/^lxc\.payload\.(.+)$/, "lxc", "payload"],
  [/^lxc\.monitor\.(.+)$/, "lxc", "monitor"],
];

/** Folders in which the next part is a container's name or id, with the form that it has. */
const FOLDER_FORMS: readonly (readonly [
  folder: RegExp,
  id: RegExp,
  runtime: ContainerRuntime,
  role: Container["role"],
])[] = [
  [/^docker$/, new RegExp(`^${HEX_ID}$`), "docker", "payload"],
  [/^buildkit$/, /^[0-9a-z]{20,64}$/, "buildkit", "payload"],
  [/^(?:default|k8s\.io|moby)$/, new RegExp(`^${HEX_ID}$`), "containerd", "payload"],
  [/^lxc(?:\.payload)?$/, /^.+$/, "lxc", "payload"],
  [/^lxc\.monitor$/, /^.+$/, "lxc", "monitor"],
];

const BARE_ID = new RegExp(`^${HEX_ID}$`);

/** Kubernetes' UID: of a pod of the API server with dashes, which slices have as "_"; of a static pod 32 digits. */
const POD_UID = /(?:^|-)pod([0-9a-f]{8}(?:[_-][0-9a-f]{4}){3}[_-][0-9a-f]{12}|[0-9a-f]{32})(?:\.slice(?::.*)?)?$/;
const PODMAN_POD = new RegExp(`libpod_pod_(${HEX_ID})(?:\\.slice)?$`);

/** All containers in the parts of a path, from the outermost to the innermost. */
export function containersIn(segments: readonly string[]): readonly Container[] {
  const containers: Container[] = [];
  let pod: Container["pod"];
  for (const [at, segment] of segments.entries()) {
    pod = podOf(segment) ?? pod;
    const draft = containerAt(segments, at);
    if (draft === undefined) continue;
    containers.push({ ...draft, pod });
    pod = undefined; // what runs inside of it is no part of the pod that it is in
  }
  return containers;
}

function containerAt(segments: readonly string[], at: number): Draft | undefined {
  const segment = segments[at] ?? "";
  for (const [form, runtime, role] of SEGMENT_FORMS) {
    const id = form.exec(segment)?.[1];
    if (id !== undefined) return { runtime, id, role };
  }
  const folder = segments[at - 1] ?? "";
  for (const [name, form, runtime, role] of FOLDER_FORMS) {
    if (name.test(folder) && form.test(segment)) return { runtime, id: segment, role };
  }
  if (BARE_ID.test(segment)) return { runtime: "unknown", id: segment, role: "payload" };
  return machineAt(segments, at);
}

/** systemd-machined's containers. A virtual machine is none: its processes run on this machine. */
function machineAt(segments: readonly string[], at: number): Draft | undefined {
  const segment = segments[at] ?? "";
  const role = segments[at + 1] === "supervisor" ? "monitor" : "payload";
  const service = /^systemd-nspawn@(.+)\.service$/.exec(segment)?.[1];
  if (service !== undefined) return { runtime: "systemd-nspawn", id: unescapedUnit(service), role };
  const machine = /^machine-(.+)\.scope$/.exec(segment)?.[1];
  if (machine === undefined) return undefined;
  const name = unescapedUnit(machine);
  if (/^qemu-\d+-/.test(name)) return undefined;
  const lxc = /^lxc-\d+-(.+)$/.exec(name)?.[1];
  return lxc === undefined
    ? { runtime: "systemd-nspawn", id: name, role }
    : { runtime: "libvirt-lxc", id: lxc, role: "payload" };
}

function podOf(segment: string): Container["pod"] {
  const uid = POD_UID.exec(segment)?.[1];
  if (uid !== undefined) return { kind: "kubernetes", id: uid.replaceAll("_", "-") };
  const id = PODMAN_POD.exec(segment)?.[1];
  return id === undefined ? undefined : { kind: "podman", id };
}
