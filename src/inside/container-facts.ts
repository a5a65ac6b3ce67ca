// What runtimes say of their containers, whichever of their files says it.
import type { ContainerRuntime } from "./container-cgroup.js";

/** What its runtime says of a container. Text from outside: whoever makes an image or a container chooses it. */
export interface ContainerFacts {
  /** "web", without the slash that docker puts before it; of a pod's container its name in the pod. */
  readonly name: string | undefined;
  /** As it was asked for: "nginx:1.27". */
  readonly image: string | undefined;
  /** Kubernetes' names of its pod, or podman's of its own. */
  readonly pod: { readonly namespace: string | undefined; readonly name: string } | undefined;
  /** The runtime that had it: the path of a control group does not always tell. */
  readonly runtime: ContainerRuntime;
  /** Published ports as its configuration has them; none where the runtime does not keep them in a file. */
  readonly ports: readonly ConfiguredPort[];
}

/** A port of this machine that leads to one of a container, by the container's configuration. */
export interface ConfiguredPort {
  readonly protocol: string;
  /** As it was given; undefined where none was: then all addresses. */
  readonly hostAddress: string | undefined;
  readonly hostPort: number;
  readonly containerPort: number;
}
