import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { ContainerNames } from "./container-names.js";
import { bundleFacts, dockerFacts, storageFacts } from "./container-records.js";

const ID = "9bca8d63d5fa610783847915bcff0ecac1273e5b4bed3f6fa1b07350e0135961";
const OTHER = "1f04600dc69496d5b2a2c9dd5d8d2a1d1d1e9e3f0a1b2c3d4e5f60718293a4b5";

const base = mkdtempSync(path.join(tmpdir(), "postern-containers-"));
afterAll(() => rmSync(base, { recursive: true }));
let count = 0;

/** A file system with these files, and what looks containers up in it. */
function names(files: Readonly<Record<string, unknown>>, homes: readonly string[] = []): ContainerNames {
  count += 1;
  const root = path.join(base, String(count));
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(root, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
  }
  return new ContainerNames({ root, homes });
}

const DOCKER_CONFIG = {
  ID,
  Name: "/web",
  Config: { Image: "nginx:1.27", Labels: { "com.example": "x" } },
  NetworkSettings: {
    Ports: {
      "80/tcp": [
        { HostIp: "0.0.0.0", HostPort: "8080" },
        { HostIp: "::", HostPort: "8080" },
      ],
      "443/tcp": null,
    },
  },
};

describe("docker", () => {
  const file = `var/lib/docker/containers/${ID}/config.v2.json`;
  const web = {
    kind: "named",
    name: "web",
    image: "nginx:1.27",
    pod: undefined,
    runtime: "docker",
    ports: [
      { protocol: "tcp", hostAddress: "0.0.0.0", hostPort: 8080, containerPort: 80 },
      { protocol: "tcp", hostAddress: "::", hostPort: 8080, containerPort: 80 },
    ],
  };

  test("tells name, image and published ports", () => {
    expect(names({ [file]: DOCKER_CONFIG }).lookUp({ runtime: "docker", id: ID })).toEqual(web);
  });

  test("of a container of which only the id is known", () => {
    expect(names({ [file]: DOCKER_CONFIG }).lookUp({ runtime: "unknown", id: ID })).toEqual(web);
  });

  test("in a snap, in a home, and where it was told to", () => {
    const lookUp = (files: Readonly<Record<string, unknown>>, homes?: readonly string[]) =>
      names(files, homes).lookUp({ runtime: "docker", id: ID });
    const inFolder = (folder: string) => ({ [`${folder}/containers/${ID}/config.v2.json`]: DOCKER_CONFIG });
    expect(lookUp(inFolder("var/snap/docker/common/var-lib-docker"))).toEqual(web);
    expect(lookUp(inFolder("home/ada/.local/share/docker"), ["/home/ada"])).toEqual(web);
    const configured = { "etc/docker/daemon.json": { "data-root": "/srv/docker" }, ...inFolder("srv/docker") };
    expect(lookUp(configured)).toEqual(web);
  });

  test("a container that is stopped has the ports that it was given", () => {
    const host = { PortBindings: { "53/udp": [{ HostIp: "", HostPort: "5353" }] } };
    expect(dockerFacts({ ...DOCKER_CONFIG, NetworkSettings: {} }, host).ports).toEqual([
      { protocol: "udp", hostAddress: undefined, hostPort: 5353, containerPort: 53 },
    ]);
  });

  test("under Kubernetes it tells the pod", () => {
    const Labels = { "io.kubernetes.pod.name": "web-0", "io.kubernetes.pod.namespace": "shop" };
    expect(dockerFacts({ Name: "/k8s_web", Config: { Labels } }, undefined).pod).toEqual({
      namespace: "shop",
      name: "web-0",
    });
  });
});

describe("containerd", () => {
  const cri = {
    annotations: {
      "io.kubernetes.cri.container-type": "container",
      "io.kubernetes.cri.container-name": "web",
      "io.kubernetes.cri.image-name": "docker.io/library/nginx:1.27",
      "io.kubernetes.cri.sandbox-name": "web-0",
      "io.kubernetes.cri.sandbox-namespace": "shop",
    },
  };
  const facts = {
    kind: "named",
    name: "web",
    image: "docker.io/library/nginx:1.27",
    pod: { namespace: "shop", name: "web-0" },
    runtime: "containerd",
    ports: [],
  };

  test.each(["run/containerd", "run/k3s/containerd"])("in %s", (folder) => {
    const file = `${folder}/io.containerd.runtime.v2.task/k8s.io/${ID}/config.json`;
    expect(names({ [file]: cri }).lookUp({ runtime: "containerd", id: ID })).toEqual(facts);
    expect(names({ [file]: cri }).lookUp({ runtime: "unknown", id: ID })).toEqual(facts);
  });

  test("a pod's own container is called as crictl calls it", () => {
    const { "io.kubernetes.cri.container-name": _name, ...rest } = cri.annotations;
    const annotations = { ...rest, "io.kubernetes.cri.container-type": "sandbox" };
    expect(bundleFacts({ annotations })).toMatchObject({ name: "POD", pod: { name: "web-0" } });
  });

  test("by nerdctl, with ports", () => {
    const ports = '[{"HostPort":8080,"ContainerPort":80,"Protocol":"tcp","HostIP":"0.0.0.0"}]';
    expect(bundleFacts({ annotations: { "nerdctl/name": "web", "nerdctl/ports": ports } })).toMatchObject({
      name: "web",
      ports: [{ protocol: "tcp", hostAddress: "0.0.0.0", hostPort: 8080, containerPort: 80 }],
    });
  });

  test("a bundle without any names is not one", () => {
    const file = `run/containerd/io.containerd.runtime.v2.task/moby/${ID}/config.json`;
    expect(names({ [file]: { annotations: {} } }).lookUp({ runtime: "containerd", id: ID })).toEqual({
      kind: "unknown",
    });
  });
});

describe("podman and cri-o", () => {
  const metadata = JSON.stringify({ "image-name": "docker.io/library/caddy:2", name: "front", "pod-name": "edge" });
  const list = [
    { id: OTHER, names: ["other"] },
    { id: ID, names: ["front"], metadata },
  ];
  const front = {
    kind: "named",
    name: "front",
    image: "docker.io/library/caddy:2",
    pod: { namespace: undefined, name: "edge" },
    runtime: "podman",
    ports: [],
  };

  test("a container of root", () => {
    const looker = names({ "var/lib/containers/storage/overlay-containers/containers.json": list });
    expect(looker.lookUp({ runtime: "podman", id: ID })).toEqual(front);
    expect(looker.lookUp({ runtime: "podman", id: OTHER })).toMatchObject({ kind: "named", name: "other" });
  });

  test("a user's container", () => {
    const files = { "home/ada/.local/share/containers/storage/overlay-containers/containers.json": list };
    expect(names(files, ["/home/ada"]).lookUp({ runtime: "podman", id: ID })).toEqual(front);
    expect(names(files).lookUp({ runtime: "podman", id: ID })).toEqual({ kind: "unknown" });
  });

  test("metadata that is none leaves the name", () => {
    expect(storageFacts([{ id: ID, names: ["front"], metadata: "{" }], ID)).toMatchObject({
      name: "front",
      image: undefined,
    });
  });

  test("cri-o's annotations name the pod", () => {
    const annotations = {
      "io.kubernetes.container.name": "web",
      "io.kubernetes.pod.name": "web-0",
      "io.kubernetes.pod.namespace": "shop",
      "io.kubernetes.cri-o.ImageName": "quay.io/nginx:1",
    };
    const file = `var/lib/containers/storage/overlay-containers/${ID}/userdata/config.json`;
    expect(names({ [file]: { annotations } }).lookUp({ runtime: "cri-o", id: ID })).toMatchObject({
      kind: "named",
      name: "web",
      image: "quay.io/nginx:1",
      pod: { namespace: "shop", name: "web-0" },
      runtime: "cri-o",
    });
  });
});

describe("names in control groups", () => {
  test.each(["lxc", "systemd-nspawn", "libvirt-lxc"] as const)("of %s are the names", (runtime) => {
    expect(names({}).lookUp({ runtime, id: "web" })).toMatchObject({ kind: "named", name: "web", runtime });
  });

  test.each(["../../../etc", "", "abc", `${ID}/..`])("%j is no container's id", (id) => {
    expect(names({}).lookUp({ runtime: "docker", id })).toEqual({ kind: "unknown" });
  });
});

describe("what cannot be read or understood", () => {
  const file = `var/lib/docker/containers/${ID}/config.v2.json`;
  const lookUp = (content: unknown) => names({ [file]: content }).lookUp({ runtime: "docker", id: ID });

  test("is a gap with its reason", () => {
    expect(lookUp("{")).toMatchObject({ kind: "gap", reason: "not understood" });
    expect(lookUp(" ".repeat(4 * 1024 * 1024 + 1))).toMatchObject({ kind: "gap", reason: "EFBIG" });
    const looker = names({ [`${file}/x`]: "a folder in its place" });
    expect(looker.lookUp({ runtime: "docker", id: ID })).toMatchObject({ kind: "gap", reason: "ENOTREG" });
  });

  test("does not hide what another place says", () => {
    const other = `var/snap/docker/common/var-lib-docker/containers/${ID}/config.v2.json`;
    expect(names({ [file]: "{", [other]: DOCKER_CONFIG }).lookUp({ runtime: "docker", id: ID })).toMatchObject({
      name: "web",
    });
  });

  test.each([
    null,
    7,
    [],
    { Name: 7, Config: "x", NetworkSettings: { Ports: { "80/tcp": "x" } } },
    { Name: "/a", NetworkSettings: { Ports: { "99999/tcp": [{ HostPort: "80" }], "80/x": [{ HostPort: "80" }] } } },
    { NetworkSettings: { Ports: { "80/tcp": [{ HostPort: "1e1" }, { HostPort: "-1" }, null, 5, "x"] } } },
  ])("is not there: %j", (content) => {
    const found = lookUp(content);
    expect(found).toMatchObject({ kind: "named" });
    if (found.kind === "named") expect(found.ports).toEqual([]);
  });

  test("keys that every object has are no facts", () => {
    expect(bundleFacts({ annotations: {} })).toBeUndefined();
    expect(dockerFacts(JSON.parse('{"__proto__":{"Name":"x"}}'), undefined).name).toBeUndefined();
  });

  test("names are cut", () => {
    const found = lookUp({ Name: `/${"x".repeat(10_000)}` });
    expect(found).toMatchObject({ kind: "named" });
    if (found.kind === "named") expect(found.name?.length).toBeLessThan(600);
  });
});
