// Which technique really runs, by what, and why: said in every report, and true.
import { spawnSync } from "node:child_process";
import { afterAll, beforeAll, expect, test } from "vitest";
import { labEnvironment } from "../lab/availability.js";
import { NOBODY_UID } from "../lab/machine.js";
import { createLab, type Lab } from "../lab/network.js";
import { describeLab } from "../lab/vitest.js";
import { onlyHost, POSTERN, postern, runPostern } from "./postern.js";
import { statesOf } from "./report.js";

const NO_PRIVILEGE = "because this process may not send raw packets (CAP_NET_RAW)";
const PRIVILEGE = "because this process may send raw packets";

describeLab("the technique is chosen and said", () => {
  let lab: Lab;

  beforeAll(async () => {
    lab = await createLab({ topology: "neighbour" });
  });
  afterAll(() => lab?.dispose());

  test.each([
    ["root", [], undefined, `tcp-syn by packet socket, ${PRIVILEGE}`],
    ["root", ["-sS"], undefined, `tcp-syn by packet socket, ${PRIVILEGE}`],
    ["root", ["-sT"], undefined, "tcp-connect by io_uring, because -sT asks for it"],
    ["root", ["--transport", "ring"], undefined, `tcp-syn by packet socket, ${PRIVILEGE}`],
    ["root", ["--transport", "raw"], undefined, `tcp-syn by raw IP, ${PRIVILEGE}`],
    ["root", ["-sT", "--transport", "epoll"], undefined, "tcp-connect by epoll, because --transport epoll asks for it"],
    [
      "root",
      ["-sT", "--transport", "node"],
      undefined,
      "tcp-connect by node:net, because --transport node asks for it",
    ],
    [
      "root",
      ["--unprivileged"],
      undefined,
      "tcp-connect by io_uring, because --unprivileged says that raw packets may not be sent",
    ],
    ["nobody", [], NOBODY_UID, `tcp-connect by io_uring, ${NO_PRIVILEGE}`],
    ["nobody", ["-sT"], NOBODY_UID, "tcp-connect by io_uring, because -sT asks for it"],
    ["nobody", ["--privileged"], NOBODY_UID, "tcp-connect by io_uring, because raw packets cannot be sent here: "],
  ] as const)("%s %j", async (_who, args, uid, line) => {
    const options = uid === undefined ? {} : { uid };
    const seen = await postern(lab.scanner, [...args, "-p", "80,81", lab.host().ipv4], options);
    expect(statesOf(onlyHost(seen))).toEqual({ 80: "open", 81: "closed" });
    expect(seen.stdout).toContain(`\nPorts: ${line}`);
    expect(seen.stdout.match(/^Ports: /gm)).toHaveLength(1);
  });

  // --transport names a way to connect where -sT is not written: then nobody has asked for -sT.
  test("a transport that connects is the reason itself", async () => {
    const seen = await postern(lab.scanner, ["--transport", "epoll", "-p", "80", lab.host().ipv4]);
    expect(seen.stdout).toContain("\nPorts: tcp-connect by epoll, because --transport epoll");
  });

  test("loopback is scanned by raw IP, and without privileges by connecting", async () => {
    const raw = await postern(lab.host(), ["-p", "80,81", "127.0.0.1"]);
    expect(statesOf(onlyHost(raw))).toEqual({ 80: "open", 81: "closed" });
    expect(raw.stdout).toContain(`\nPorts: tcp-syn by raw IP, ${PRIVILEGE}\n`);
    const connected = await postern(lab.host(), ["-p", "80,81", "127.0.0.1"], { uid: NOBODY_UID });
    expect(statesOf(onlyHost(connected))).toEqual({ 80: "open", 81: "closed" });
    expect(connected.stdout).toContain(`\nPorts: tcp-connect by io_uring, ${NO_PRIVILEGE}\n`);
  });

  test("every address of loopback, and the name", async () => {
    const seen = await postern(lab.host(), ["-p", "80", "127.0.0.1", "127.9.8.7", "localhost"]);
    expect(seen.hosts.map(({ title }) => title).sort()).toEqual(["127.9.8.7", "localhost (127.0.0.1)"]);
    for (const host of seen.hosts) expect(statesOf(host)).toEqual({ 80: "open" });
  });

  test("a SYN scan leaves no connection behind, a connect scan is seen by the program", async () => {
    const count = async () => {
      const { stdout } = await lab.host().run("nstat", ["-asz", "TcpPassiveOpens"]);
      return Number(/TcpPassiveOpens\s+(\d+)/.exec(stdout)?.[1]);
    };
    const before = await count();
    await postern(lab.scanner, ["-sS", "-p", "80,443", lab.host().ipv4]);
    expect((await count()) - before).toBe(0);
    await postern(lab.scanner, ["-sT", "-Pn", "-p", "80,443", lab.host().ipv4]);
    expect((await count()) - before).toBe(2);
  });

  test("-sS is refused to nobody, and says what to do", async () => {
    const seen = await runPostern(lab.scanner, ["-sS", lab.host().ipv4], { uid: NOBODY_UID });
    expect(seen).toMatchObject({ status: 1, stdout: "" });
    expect(seen.stderr).toBe(
      "postern: a SYN scan (-sS) sends raw packets, which this process may not (CAP_NET_RAW)\n" +
        "  run as root, or use -sT, which works without privileges\n",
    );
  });
});

const USER_NAMESPACE = ["--reuid=65534", "--regid=65534", "--clear-groups", "unshare", "--user", "--map-root-user"];

function canUnshare(): boolean {
  const words = [...USER_NAMESPACE, "--net", "true"];
  return spawnSync("setpriv", words, { env: labEnvironment(), timeout: 5000 }).status === 0;
}

describeLab("without root, in a user namespace of one's own", () => {
  test.skipIf(!canUnshare())("a SYN scan of loopback and of an own address works", () => {
    const script = [
      "set -e",
      "ip link set lo up",
      "ip link add eth0 type veth peer name eth1",
      "ip link set eth0 up",
      "ip link set eth1 up",
      "ip addr add 10.9.0.1/24 dev eth0",
      'exec "$0" --reason -p 9 127.0.0.1 10.9.0.1',
    ].join("\n");
    const words = [...USER_NAMESPACE, "--net", "sh", "-c", script, POSTERN];
    const done = spawnSync("setpriv", words, { env: labEnvironment(), timeout: 20_000, encoding: "utf8" });
    expect(`${done.status} ${done.stderr}`).toBe("0 ");
    expect(done.stdout.match(/^9\/tcp closed discard reset ttl 64$/gm)).toHaveLength(2);
    expect(done.stdout).toContain("Ports: tcp-syn by raw IP, because this process may send raw packets\n");
  });
});
