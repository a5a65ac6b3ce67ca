import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { nfsListeners, readServiceListeners } from "./service-listeners.js";

let root: string;

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), "postern-services-"));
});

afterEach(() => {
  rmSync(root, { recursive: true });
});

/** A file of a tree like /proc and /sys, as the kernel writes it: with a newline at its end. */
function write(file: string, text: string): void {
  const place = path.join(root, file);
  mkdirSync(path.dirname(place), { recursive: true });
  writeFileSync(place, text === "" ? "" : `${text}\n`);
}

function found(...kernelThreads: readonly string[]): string[] {
  const places = { procRoot: `${root}/proc`, sysRoot: `${root}/sys`, kernelThreads: new Set(kernelThreads) };
  const { listeners, refusals } = readServiceListeners(places);
  expect(refusals).toEqual([]);
  return listeners.map(
    ({ protocol, port, family, owner, isCertain }) =>
      `${protocol}${family ?? ""} ${port} ${owner}${isCertain ? "" : ", likely"}`,
  );
}

test("a machine without any of them has nothing", () => {
  expect(found("kthreadd", "kworker/0:1")).toEqual([]);
});

test("the NFS server, as kernels of all ages write it", () => {
  const text =
    "rdma 20049\ntcp 2049\nudp 2049\nipv4 tcp 0.0.0.0 2050\nipv6 udp :: 2051\ntcp 70000\ntcp 0\nnonsense\n\n";
  expect(nfsListeners(text).map(({ protocol, port, family }) => [protocol, port, family])).toEqual([
    ["tcp", 2049, undefined],
    ["udp", 2049, undefined],
    ["tcp", 2050, 4],
    ["udp", 2051, 6],
  ]);
  write("proc/fs/nfsd/portlist", "tcp 2049\ntcp 2049");
  expect(found("nfsd")).toEqual(["tcp 2049 NFS server"]);
});

test("lockd's ports, if it runs and they were chosen", () => {
  write("proc/sys/fs/nfs/nlm_tcpport", "32803");
  write("proc/sys/fs/nfs/nlm_udpport", "0");
  expect(found()).toEqual([]);
  expect(found("lockd")).toEqual(["tcp 32803 NFS lock manager"]);
});

test("callbacks of NFS 4.0, if they are served and their port was chosen", () => {
  write("sys/module/nfs/parameters/callback_tcpport", "32764");
  expect(found("nfsv4.1-svc")).toEqual(["tcp 32764 NFS callback"]);
  write("sys/module/nfs/parameters/callback_tcpport", "0");
  expect(found("NFSv4 callback")).toEqual([]);
});

test("iSCSI targets by their portals", () => {
  const target = "sys/kernel/config/target/iscsi/iqn.2003-01.org.example:disk";
  write(`${target}/tpgt_1/np/0.0.0.0:3260/iser`, "0");
  write(`${target}/tpgt_1/np/[::0]:3261/iser`, "0");
  write(`${target}/tpgt_1/np/none/iser`, "0");
  write(`${target}/fabric_statistics/np/1.2.3.4:9/iser`, "0");
  write("sys/kernel/config/target/iscsi/lio_version", "Datera Inc.");
  expect(found()).toEqual([
    "tcp4 3260 iSCSI target iqn.2003-01.org.example:disk",
    "tcp6 3261 iSCSI target iqn.2003-01.org.example:disk",
  ]);
});

test("NVMe targets over TCP that have a subsystem", () => {
  const port = (name: string, transport: string, family: string, isUsed: boolean): void => {
    const folder = `sys/kernel/config/nvmet/ports/${name}`;
    write(`${folder}/addr_trtype`, transport);
    write(`${folder}/addr_adrfam`, family);
    write(`${folder}/addr_trsvcid`, "4420");
    mkdirSync(path.join(root, folder, "subsystems"));
    if (isUsed) write(`${folder}/subsystems/nqn.example`, "");
  };
  port("1", "tcp", "ipv4", true);
  port("2", "tcp", "ipv6", true);
  port("3", "tcp", "ipv4", false);
  port("4", "rdma", "ipv4", true);
  expect(found()).toEqual(["tcp4 4420 NVMe target port 1", "tcp6 4420 NVMe target port 2"]);
});

test("clusters of OCFS2 and the lock manager", () => {
  write("sys/kernel/config/cluster/files/node/here/local", "1");
  write("sys/kernel/config/cluster/files/node/here/ipv4_port", "7777");
  write("sys/kernel/config/cluster/files/node/there/local", "0");
  write("sys/kernel/config/cluster/files/node/there/ipv4_port", "7778");
  write("sys/kernel/config/dlm/cluster/protocol", "0");
  write("sys/kernel/config/dlm/cluster/tcp_port", "21064");
  expect(found()).toEqual(["tcp4 7777 OCFS2 cluster files", "tcp 21064 cluster lock manager, likely"]);
});

test("what only a module or a kernel thread gives away", () => {
  write("proc/modules", "rds_tcp 40960 0 - Live 0x0000000000000000\nrds 163840 1 rds_tcp, Live 0x0000000000000000");
  expect(found("ksmbd-eth0", "ksmbd-lo", "krxrpcio/7001", "krxrpcio/99999", "ipvs-b:0:0", "ipvs-m:0:0")).toEqual([
    "tcp 16385 RDS, likely",
    "tcp 445 SMB server (ksmbd), likely",
    "udp 7001 RxRPC (AFS)",
    "udp 8848 IPVS backup daemon, likely",
  ]);
});
