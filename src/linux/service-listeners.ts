// Ports of services inside the kernel, as far as files tell of them: NFS (nfsd(7), lockd), iSCSI and NVMe targets and
// clusters (configfs: Documentation/target, drivers/nvme/target/configfs.c, fs/ocfs2/cluster, fs/dlm/config.c), and what
// is known by the names of its kernel threads. Nothing is here of DRBD, TIPC and SMC: they tell only by protocols of
// their own.

import { readdirSync, readFileSync } from "node:fs";
import type { KernelListener, KernelListeners } from "./kernel-listener.js";

/** A directory of settings with more entries than this is not an administrator's. */
const ENTRIES_MAX = 4096;
const PORT_MAX = 65_535;

/** What tells of these services. */
export interface ServicePlaces {
  readonly procRoot?: string;
  readonly sysRoot?: string;
  /**
   * Names of the kernel threads that run, as in /proc/PID/comm: of children of kthreadd alone, since any process may
   * call itself what it likes.
   */
  readonly kernelThreads: ReadonlySet<string>;
}

/**
 * The ports of services inside the kernel. The files tell of the network namespace in which they were set up, which is
 * nearly always the machine's own.
 */
export function readServiceListeners(places: ServicePlaces): KernelListeners {
  const { procRoot = "/proc", sysRoot = "/sys", kernelThreads } = places;
  const settings = new Settings();
  const config = `${sysRoot}/kernel/config`;
  const listeners = [
    ...nfsListeners(settings.text(`${procRoot}/fs/nfsd/portlist`)),
    ...lockListeners(settings, procRoot, kernelThreads),
    ...callbackListeners(settings, sysRoot, kernelThreads),
    ...iscsiListeners(settings, `${config}/target/iscsi`),
    ...nvmeListeners(settings, `${config}/nvmet/ports`),
    ...ocfs2Listeners(settings, `${config}/cluster`),
    ...dlmListeners(settings, `${config}/dlm/cluster`),
    ...moduleListeners(settings.text(`${procRoot}/modules`)),
    ...[...kernelThreads].flatMap(threadListeners),
  ];
  return { listeners: each(listeners), refusals: settings.refusals };
}

/** Some have a thread for each interface: one of them tells enough. */
function each(listeners: readonly KernelListener[]): readonly KernelListener[] {
  const known = new Map<string, KernelListener>();
  for (const one of listeners) {
    const key = `${one.protocol} ${one.port} ${one.family} ${one.owner}`;
    if (!known.has(key)) known.set(key, one);
  }
  return [...known.values()];
}

/** Reads settings that may not be there, and remembers what it may not read. */
class Settings {
  readonly refusals: string[] = [];

  /** The text of a file without the end of its last line; empty without a file. */
  text(file: string): string {
    return this.#ask(file, () => readFileSync(file, "latin1")).trimEnd();
  }

  /** A port that a file has; undefined without one, and for 0, which stands for "any". */
  port(file: string): number | undefined {
    return portOf(this.text(file));
  }

  /** The names in a directory; none without a directory. */
  names(folder: string): readonly string[] {
    return this.#ask(folder, () => readdirSync(folder).slice(0, ENTRIES_MAX).join("\n"))
      .split("\n")
      .filter((name) => name !== "");
  }

  #ask(file: string, read: () => string): string {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof Error && "code" in error)) throw error;
      if (error.code === "EACCES" || error.code === "EPERM") this.refusals.push(`${file} may not be read`);
      return "";
    }
  }
}

function portOf(text: string): number | undefined {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return port > 0 && port <= PORT_MAX ? port : undefined;
}

function listener(
  protocol: "tcp" | "udp",
  port: number | undefined,
  owner: string,
  by: string,
  more: Partial<Pick<KernelListener, "family" | "isCertain">> = {},
): readonly KernelListener[] {
  if (port === undefined) return [];
  return [{ protocol, port, family: undefined, owner, by, isCertain: true, place: "here", ...more }];
}

/**
 * The ports of the NFS server: lines "tcp 2049", or of older kernels "ipv4 tcp 0.0.0.0 2049" (fs/nfsd/nfsctl.c,
 * net/sunrpc/svc_xprt.c). RDMA has ports of its own, which are none of TCP.
 */
export function nfsListeners(portlist: string): readonly KernelListener[] {
  return portlist.split("\n").flatMap((line) => {
    const [, version, transport, port] = /^(?:ipv([46]) )?(tcp|udp) (?:\S+ )?(\d{1,5})$/.exec(line) ?? [];
    if (port === undefined) return [];
    const family = version === undefined ? undefined : version === "6" ? 6 : 4;
    return listener(transport === "udp" ? "udp" : "tcp", portOf(port), "NFS server", "/proc/fs/nfsd/portlist", {
      family,
    });
  });
}

/** lockd's ports are 0 unless the administrator has chosen them: then rpcbind knows them, and nobody else. */
function lockListeners(settings: Settings, procRoot: string, threads: ReadonlySet<string>): readonly KernelListener[] {
  if (!threads.has("lockd")) return [];
  return (["tcp", "udp"] as const).flatMap((protocol) => {
    const file = `${procRoot}/sys/fs/nfs/nlm_${protocol}port`;
    return listener(protocol, settings.port(file), "NFS lock manager", `sysctl fs.nfs.nlm_${protocol}port`);
  });
}

/** A client of NFS 4.0 listens for its servers' callbacks. */
function callbackListeners(
  settings: Settings,
  sysRoot: string,
  threads: ReadonlySet<string>,
): readonly KernelListener[] {
  const isRunning = [...threads].some((name) => /^(?:nfsv4\.\d-svc|NFSv4 callback)$/.test(name));
  if (!isRunning) return [];
  const port = settings.port(`${sysRoot}/module/nfs/parameters/callback_tcpport`);
  return listener("tcp", port, "NFS callback", "parameter callback_tcpport of module nfs");
}

/** iscsi/TARGET/tpgt_N/np/ADDRESS:PORT; IPv6 addresses are in brackets. */
function iscsiListeners(settings: Settings, folder: string): readonly KernelListener[] {
  return settings.names(folder).flatMap((target) =>
    settings
      .names(`${folder}/${target}`)
      .filter((name) => name.startsWith("tpgt_"))
      .flatMap((group) => settings.names(`${folder}/${target}/${group}/np`))
      .flatMap((portal) => {
        const family = portal.startsWith("[") ? 6 : 4;
        const port = portOf(portal.slice(portal.lastIndexOf(":") + 1));
        return listener("tcp", port, `iSCSI target ${target}`, "configfs, target/iscsi", { family });
      }),
  );
}

/** A port of an NVMe target is open as long as it has a subsystem (nvmet_port_subsys_allow_link()). */
function nvmeListeners(settings: Settings, folder: string): readonly KernelListener[] {
  return settings.names(folder).flatMap((name) => {
    const place = `${folder}/${name}`;
    if (settings.text(`${place}/addr_trtype`) !== "tcp") return [];
    if (settings.names(`${place}/subsystems`).length === 0) return [];
    const family = settings.text(`${place}/addr_adrfam`) === "ipv6" ? 6 : 4;
    const port = settings.port(`${place}/addr_trsvcid`);
    return listener("tcp", port, `NVMe target port ${name}`, "configfs, nvmet/ports", { family });
  });
}

/** A node of a cluster of OCFS2 listens when it is told that it is this machine (o2nm_node_local_store()). */
function ocfs2Listeners(settings: Settings, folder: string): readonly KernelListener[] {
  return settings.names(folder).flatMap((cluster) =>
    settings.names(`${folder}/${cluster}/node`).flatMap((node) => {
      const place = `${folder}/${cluster}/node/${node}`;
      if (settings.text(`${place}/local`) !== "1") return [];
      const port = settings.port(`${place}/ipv4_port`);
      return listener("tcp", port, `OCFS2 cluster ${cluster}`, "configfs, cluster", { family: 4 });
    }),
  );
}

/** The lock manager of clusters listens from its first lockspace on, which configfs does not show. */
function dlmListeners(settings: Settings, folder: string): readonly KernelListener[] {
  if (settings.text(`${folder}/protocol`) !== "0") return []; // 1 is SCTP
  const port = settings.port(`${folder}/tcp_port`);
  return listener("tcp", port, "cluster lock manager", "configfs, dlm/cluster", { isCertain: false });
}

/** RDS over TCP listens in each namespace as soon as it is loaded (RDS_TCP_PORT, net/rds/tcp.h). */
function moduleListeners(modules: string): readonly KernelListener[] {
  if (!/^rds_tcp /m.test(modules)) return [];
  return listener("tcp", 16_385, "RDS", "its usual port: module rds_tcp is loaded", { isCertain: false });
}

/** What the name of a kernel thread gives away. */
function threadListeners(name: string): readonly KernelListener[] {
  const rxrpc = /^krxrpcio\/(\d{1,5})$/.exec(name)?.[1]; // rxrpc_open_socket(), Linux 6.2
  if (rxrpc !== undefined) return listener("udp", portOf(rxrpc), "RxRPC (AFS)", `kernel thread ${name}`);
  const usual = USUAL_PORTS.find(([pattern]) => pattern.test(name));
  if (usual === undefined) return [];
  const [, protocol, port, owner] = usual;
  return listener(protocol, port, owner, `its usual port: kernel thread ${name} runs`, { isCertain: false });
}

/** Threads that run as long as a port is open, and the port unless the administrator has chosen another. */
const USUAL_PORTS: readonly (readonly [pattern: RegExp, protocol: "tcp" | "udp", port: number, owner: string])[] = [
  [/^ksmbd-/, "tcp", 445, "SMB server (ksmbd)"], // ksmbd_tcp_run_kthread(), one an interface
  [/^ipvs-b:/, "udp", 8848, "IPVS backup daemon"], // start_sync_thread(), IP_VS_SYNC_PORT
];
