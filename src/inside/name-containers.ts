// The names of the containers that sockets and namespaces belong to, as far as their runtimes' files tell.
import { isReadFault, type ProcFiles } from "../linux/proc-files.js";
import { readControlGroup } from "./cgroup.js";
import type { Container } from "./container-cgroup.js";
import type { ContainerNames } from "./container-names.js";
import type { Gap } from "./gap.js";
import type { InsideView, NamedContainer, NamespaceRef } from "./inside-view.js";

const CGROUP_BYTES_MAX = 64 << 10;

/** The view with the names of its containers. */
export function nameContainers(view: InsideView, files: ProcFiles, names: ContainerNames): InsideView {
  const containers = new Map<string, NamedContainer>();
  const gaps: Gap[] = [];
  const name = (container: Container): NamedContainer => {
    const known = containers.get(container.id);
    if (known !== undefined) return known;
    const found = names.lookUp(container);
    if (found.kind === "gap") gaps.push(gapOf(container, found));
    const named: NamedContainer = { container, facts: found.kind === "named" ? found : undefined };
    containers.set(container.id, named);
    return named;
  };
  for (const { holders } of view.sockets) {
    for (const { process } of holders) {
      const container = process.controlGroup?.containers[0];
      if (container !== undefined) name(container);
    }
  }
  const byNamespace = new Map(
    view.namespaces.flatMap((namespace) => {
      const container = namespace.isOwn ? undefined : containerOf(namespace, files);
      return container === undefined ? [] : [[namespace, name(container)] as const];
    }),
  );
  return { ...view, containers, containerOfNamespace: byNamespace, gaps: [...view.gaps, ...gaps] };
}

/** The container of the namespace's oldest process: in a pod several share it. */
function containerOf({ pids }: NamespaceRef, files: ProcFiles): Container | undefined {
  if (pids[0] === undefined) return undefined;
  const text = files.text(`${pids[0]}/cgroup`, CGROUP_BYTES_MAX);
  return isReadFault(text) ? undefined : readControlGroup(text).containers[0];
}

function gapOf(container: Container, { file, reason }: { readonly file: string; readonly reason: string }): Gap {
  const what = `the name of ${container.runtime} container ${container.id.slice(0, 12)}`;
  return { code: "denied", what, why: `${file}: ${reason}` };
}
