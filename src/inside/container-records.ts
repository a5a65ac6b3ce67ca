// What the records of container runtimes say of one container. Pure: JSON in, facts out; what is not as expected is not there.
import type { ConfiguredPort, ContainerFacts } from "./container-facts.js";
import { type JsonValue, jsonAt, jsonEntriesAt, jsonListAt, jsonTextAt, parseJson } from "./json-value.js";

/** Facts of a bundle, which several runtimes write. */
export type BundleFacts = Omit<ContainerFacts, "runtime">;

/** A container cannot publish more than there are ports; more is no record of a runtime. */
const PORTS_MAX = 65_536;

/** moby's config.v2.json and hostconfig.json. */
export function dockerFacts(config: JsonValue, host: JsonValue | undefined): ContainerFacts {
  const running = portsOf(config, "NetworkSettings", "Ports");
  return {
    name: jsonTextAt(config, "Name")?.replace(/^\//, ""),
    image: jsonTextAt(config, "Config", "Image"),
    pod: podOfLabels(config),
    runtime: "docker",
    ports: running.length > 0 ? running : portsOf(host, "PortBindings"),
  };
}

/** cri-dockerd and the kubelets of former times put the pod into labels. */
function podOfLabels(config: JsonValue): ContainerFacts["pod"] {
  const name = jsonTextAt(config, "Config", "Labels", "io.kubernetes.pod.name");
  const namespace = jsonTextAt(config, "Config", "Labels", "io.kubernetes.pod.namespace");
  return name === undefined ? undefined : { namespace, name };
}

/** {"80/tcp": [{"HostIp": "0.0.0.0", "HostPort": "8080"}]}. */
function portsOf(value: JsonValue | undefined, ...keys: readonly string[]): readonly ConfiguredPort[] {
  const ports = jsonEntriesAt(value, ...keys).flatMap(([key, bindings]) => {
    const [port = "", protocol = "tcp"] = key.split("/");
    return jsonListAt(bindings).map((binding) => ({
      protocol,
      hostAddress: jsonTextAt(binding, "HostIp"),
      hostPort: decimal(jsonTextAt(binding, "HostPort")),
      containerPort: decimal(port),
    }));
  });
  return ports.filter(isPort).slice(0, PORTS_MAX);
}

/** NaN for what is no port in decimal digits. */
function decimal(text: string | undefined): number {
  return text !== undefined && /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
}

function isPort({ protocol, hostPort, containerPort }: ConfiguredPort): boolean {
  return /^(tcp|udp|sctp)$/.test(protocol) && [hostPort, containerPort].every(isPortNumber);
}

function isPortNumber(port: number): boolean {
  return Number.isInteger(port) && port > 0 && port <= 65_535;
}

/** One container of the list of containers/storage, by its id. */
export function storageFacts(list: JsonValue, id: string): BundleFacts | undefined {
  const entry = jsonListAt(list).find((one) => jsonAt(one, "id") === id);
  if (entry === undefined) return undefined;
  const metadata = parseJson(jsonTextAtFull(entry, "metadata") ?? "");
  const name = jsonListAt(entry, "names").find((one) => typeof one === "string");
  const pod = jsonTextAt(metadata, "pod-name");
  return {
    name: jsonTextAt(metadata, "name") ?? (typeof name === "string" ? name : undefined),
    image: jsonTextAt(metadata, "image-name"),
    pod: pod === undefined ? undefined : { namespace: jsonTextAt(metadata, "namespace"), name: pod },
    ports: [],
  };
}

/** JSON within JSON must not be cut as names are. */
function jsonTextAtFull(value: JsonValue, key: string): string | undefined {
  const found = jsonAt(value, key);
  return typeof found === "string" ? found : undefined;
}

/** An OCI bundle's config.json, by the annotations that its runtime put there; undefined where none are known. */
export function bundleFacts(config: JsonValue): BundleFacts | undefined {
  const note = (...names: readonly string[]) => {
    return names.map((name) => jsonTextAt(config, "annotations", name)).find((text) => text !== undefined);
  };
  const podName = note("io.kubernetes.cri.sandbox-name", "io.kubernetes.pod.name");
  const isSandbox = note("io.kubernetes.cri.container-type", "io.kubernetes.cri-o.ContainerType") === "sandbox";
  const own = note("io.kubernetes.cri.container-name", "io.kubernetes.container.name", "nerdctl/name");
  const name = own ?? (isSandbox ? "POD" : undefined);
  if (name === undefined && podName === undefined) return undefined;
  return {
    name,
    image: note("io.kubernetes.cri.image-name", "io.kubernetes.cri-o.ImageName"),
    pod: podName === undefined ? undefined : { namespace: note(...POD_NAMESPACE), name: podName },
    ports: nerdctlPorts(config),
  };
}

const POD_NAMESPACE = ["io.kubernetes.cri.sandbox-namespace", "io.kubernetes.pod.namespace"];

/** [{"HostPort": 8080, "ContainerPort": 80, "Protocol": "tcp", "HostIP": "0.0.0.0"}], as text; newer ones keep it elsewhere. */
function nerdctlPorts(config: JsonValue): readonly ConfiguredPort[] {
  const text = jsonAt(config, "annotations", "nerdctl/ports");
  const list = typeof text === "string" ? parseJson(text) : undefined;
  const ports = jsonListAt(list).map((one) => ({
    protocol: jsonTextAt(one, "Protocol") ?? "tcp",
    hostAddress: jsonTextAt(one, "HostIP"),
    hostPort: Number(jsonAt(one, "HostPort")),
    containerPort: Number(jsonAt(one, "ContainerPort")),
  }));
  return ports.filter(isPort).slice(0, PORTS_MAX);
}
