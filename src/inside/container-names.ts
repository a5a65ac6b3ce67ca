// Names of containers by their ids, from the files of their runtimes. Only containers that are asked for are looked up.
// Files: moby "container/container.go" (config.v2.json), containers/storage "containers.json", OCI runtime spec
// (config.json) with the annotations of containerd's CRI, cri-o and nerdctl.
import { readdirSync } from "node:fs";
import path from "node:path";
import { codeOf, readBoundedFile } from "./bounded-file.js";
import type { Container, ContainerRuntime } from "./container-cgroup.js";
import type { ContainerFacts } from "./container-facts.js";
import { type BundleFacts, bundleFacts, dockerFacts, storageFacts } from "./container-records.js";
import { type JsonValue, jsonTextAt, parseJson } from "./json-value.js";

/** What came of looking for a container's name. */
export type ContainerLookup =
  | ({ readonly kind: "named" } & ContainerFacts)
  /** No runtime's files have it. */
  | { readonly kind: "unknown" }
  /** Files could not be read or understood, so nobody knows: which, and why, as a symbolic errno or "not understood". */
  | { readonly kind: "gap"; readonly file: string; readonly reason: string };

/** Where to look. */
export interface ContainerPlaces {
  /** Before all paths; "" for the live system. */
  readonly root: string;
  /** Home directories of users who may have containers of their own. */
  readonly homes: readonly string[];
}

const RECORD_BYTES_MAX = 4 * 1024 * 1024;
/** One list of all containers of a store. */
const LIST_BYTES_MAX = 32 * 1024 * 1024;
const NAMESPACES_MAX = 64;
const ID = /^[0-9a-f]{64}$/;
/** Storage drivers of containers/storage that keep a list each. */
const STORAGE_DRIVERS = ["overlay", "vfs", "btrfs", "zfs"];

/** Looks containers up; what it has read of lists it keeps. */
export class ContainerNames {
  readonly #places: ContainerPlaces;
  readonly #known = new Map<string, ContainerLookup>();
  readonly #lists = new Map<string, JsonValue | Gap>();
  #dockerFolders: readonly string[] | undefined;

  constructor(places: ContainerPlaces) {
    this.#places = places;
  }

  /** The facts of one container. Containers that are named by their control group have those names. */
  lookUp({ runtime, id }: Pick<Container, "runtime" | "id">): ContainerLookup {
    if (!ID.test(id)) return hasOwnName(runtime) ? named({ ...NO_FACTS, name: id, runtime }) : { kind: "unknown" };
    const known = this.#known.get(id);
    if (known !== undefined) return known;
    const found = this.#find(runtime, id);
    this.#known.set(id, found);
    return found;
  }

  /** The first file that has it; else the first that could not be read; else nothing. */
  #find(runtime: ContainerRuntime, id: string): ContainerLookup {
    let gap: ContainerLookup | undefined;
    for (const look of this.#looks(runtime)) {
      const found = look(id);
      if (found?.kind === "named") return found;
      gap ??= found;
    }
    return gap ?? { kind: "unknown" };
  }

  #looks(runtime: ContainerRuntime): readonly ((id: string) => ContainerLookup | undefined)[] {
    const docker = (id: string) => this.#docker(id);
    const bundles = (id: string) => this.#containerd(id);
    const storage = (id: string) => this.#storage(id);
    switch (runtime) {
      case "docker":
        return [docker];
      case "containerd":
        return [bundles];
      case "podman":
      case "cri-o":
        return [storage];
      case "unknown":
        return [docker, bundles, storage];
      default:
        return [];
    }
  }

  #docker(id: string): ContainerLookup | undefined {
    return firstFound(this.#dockerRoots(), (folder) => {
      const place = path.join(folder, "containers", id);
      const config = readJson(path.join(place, "config.v2.json"));
      if (config === undefined || "gap" in config) return config?.gap;
      const host = readJson(path.join(place, "hostconfig.json"));
      return named(dockerFacts(config.value, host !== undefined && "value" in host ? host.value : undefined));
    });
  }

  #dockerRoots(): readonly string[] {
    const { root, homes } = this.#places;
    this.#dockerFolders ??= [
      ...configuredDockerRoot(root),
      `${root}/var/lib/docker`,
      `${root}/var/snap/docker/common/var-lib-docker`,
      ...homes.map((home) => `${root}${home}/.local/share/docker`),
    ];
    return this.#dockerFolders;
  }

  /** The bundle of a running container lies below the name of its namespace in containerd. */
  #containerd(id: string): ContainerLookup | undefined {
    const { root } = this.#places;
    const tasks = ["containerd", "k3s/containerd"].map((name) => `${root}/run/${name}/io.containerd.runtime.v2.task`);
    return firstFound(tasks, (folder) => {
      const namespaces = listFolder(folder);
      if (namespaces === undefined || "gap" in namespaces) return namespaces?.gap;
      return firstFound(namespaces.names.slice(0, NAMESPACES_MAX), (namespace) => {
        return this.#bundle(path.join(folder, namespace, id, "config.json"), "containerd");
      });
    });
  }

  #bundle(file: string, runtime: ContainerRuntime): ContainerLookup | undefined {
    const config = readJson(file);
    if (config === undefined || "gap" in config) return config?.gap;
    const facts = bundleFacts(config.value);
    return facts === undefined ? undefined : named(withRuntime(facts, runtime));
  }

  /** podman and cri-o share a store: a list of names, and the bundle of each container beside it. */
  #storage(id: string): ContainerLookup | undefined {
    const { root, homes } = this.#places;
    const stores = [
      `${root}/var/lib/containers/storage`,
      ...homes.map((home) => `${root}${home}/.local/share/containers/storage`),
    ];
    return firstFound(
      stores.flatMap((store) => STORAGE_DRIVERS.map((driver) => path.join(store, `${driver}-containers`))),
      (folder) => this.#bundleOfPod(folder, id) ?? this.#listed(path.join(folder, "containers.json"), id),
    );
  }

  /** cri-o's annotations say more than the list does. */
  #bundleOfPod(folder: string, id: string): ContainerLookup | undefined {
    const found = this.#bundle(path.join(folder, id, "userdata/config.json"), "cri-o");
    return found?.kind === "named" ? found : undefined;
  }

  #listed(file: string, id: string): ContainerLookup | undefined {
    const list = this.#lists.get(file) ?? readList(file);
    this.#lists.set(file, list);
    if (isGap(list)) return list.gap;
    const facts = storageFacts(list, id);
    return facts === undefined ? undefined : named({ ...facts, runtime: "podman" });
  }
}

const NO_FACTS = { name: undefined, image: undefined, pod: undefined, ports: [] };

function hasOwnName(runtime: ContainerRuntime): boolean {
  return runtime === "lxc" || runtime === "systemd-nspawn" || runtime === "libvirt-lxc";
}

function named(facts: ContainerFacts): ContainerLookup {
  return { kind: "named", ...facts };
}

function withRuntime(facts: BundleFacts, runtime: ContainerRuntime): ContainerFacts {
  return { ...facts, runtime };
}

interface Gap {
  readonly gap: ContainerLookup;
}

function isGap(value: JsonValue | Gap): value is Gap {
  return typeof value === "object" && value !== null && "gap" in value;
}

function gapOf(file: string, reason: string): ContainerLookup {
  return { kind: "gap", file, reason };
}

/** The first place that names it; else the first gap. */
function firstFound<Place>(
  places: readonly Place[],
  look: (place: Place) => ContainerLookup | undefined,
): ContainerLookup | undefined {
  let gap: ContainerLookup | undefined;
  for (const place of places) {
    const found = look(place);
    if (found?.kind === "named") return found;
    gap ??= found;
  }
  return gap;
}

const ABSENT_CODES: ReadonlySet<string> = new Set(["ENOENT", "ENOTDIR"]);

/** A file's JSON; undefined where there is no such file. */
function readJson(file: string, bytesMax: number = RECORD_BYTES_MAX): { readonly value: JsonValue } | Gap | undefined {
  const read = readBoundedFile(file, bytesMax);
  if (read.kind === "fault") return ABSENT_CODES.has(read.code) ? undefined : { gap: gapOf(file, read.code) };
  if (read.isCut) return { gap: gapOf(file, "EFBIG") };
  const value = parseJson(read.text);
  return value === undefined ? { gap: gapOf(file, "not understood") } : { value };
}

function readList(file: string): JsonValue | Gap {
  const read = readJson(file, LIST_BYTES_MAX);
  if (read === undefined) return [];
  return "gap" in read ? read : read.value;
}

/** Names in a folder; a gap where it cannot be read, and nothing where it is not there. */
function listFolder(folder: string): { readonly names: readonly string[] } | Gap | undefined {
  try {
    return { names: readdirSync(folder) };
  } catch (error) {
    const code = codeOf(error);
    return ABSENT_CODES.has(code) ? undefined : { gap: gapOf(folder, code) };
  }
}

/** dockerd(8), "data-root": where it was told to keep everything. */
function configuredDockerRoot(root: string): readonly string[] {
  const config = readJson(`${root}/etc/docker/daemon.json`);
  if (config === undefined || "gap" in config) return [];
  const folder = jsonTextAt(config.value, "data-root");
  return folder !== undefined && path.isAbsolute(folder) ? [`${root}${path.normalize(folder)}`] : [];
}
