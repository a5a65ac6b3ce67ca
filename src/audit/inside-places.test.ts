import { describe, expect, test } from "vitest";
import type { InsideSocket, InsideView } from "../inside/inside-view.js";
import {
  controlGroupOf,
  heldBy,
  OTHER,
  OWN,
  processOf,
  viewOf,
  waiting,
} from "../report/inside/inside-view.test.data.js";
import { formatAddress } from "../target/address.js";
import { InsidePlaces } from "./inside-places.js";
import { addressOf, portOf } from "./port-case.test.data.js";

const SSHD = heldBy(processOf(812, "sshd", 0, "ssh.service"));
const USERS = new Map([[0, "root"]]);

function placesOf(...sockets: readonly InsideSocket[]): InsidePlaces {
  return new InsidePlaces(viewOf(...sockets), USERS);
}

function boundAt(places: InsidePlaces, port: string): readonly string[] {
  return places.waitingAt(portOf(port)).map(({ bound }) => bound);
}

/** The machine of the test data with an IPv6 address for others. */
function withIpv6(view: InsideView): InsideView {
  const addresses = [...OWN.network.addresses, { address: addressOf("2001:db8::5"), interfaceName: "eth0" }];
  const own = { ...OWN, network: { ...OWN.network, addresses } };
  return { ...view, namespaces: [own, OTHER] };
}

test("addresses are those that others can send to", () => {
  expect(placesOf().addresses.map(formatAddress)).toEqual(["10.0.0.5", "192.168.7.1"]);
  expect(placesOf(waiting("tcp", "127.0.0.53", 53, SSHD)).addresses.map(formatAddress)).toEqual([
    "10.0.0.5",
    "192.168.7.1",
  ]);
});

describe("what waits at a port", () => {
  test("is told with everything that is known of it", () => {
    expect(placesOf(waiting("tcp", "0.0.0.0", 22, SSHD)).waitingAt(portOf("10.0.0.5/tcp/22"))).toEqual([
      {
        bound: "0.0.0.0:22",
        isLoopback: false,
        process: "sshd",
        pid: 812,
        user: "root",
        unit: "ssh.service",
        container: undefined,
        isDeleted: false,
      },
    ]);
  });

  test.each<[string, InsideSocket, readonly string[]]>([
    ["all addresses of IPv4", waiting("tcp", "0.0.0.0", 22, SSHD), ["0.0.0.0:22"]],
    ["all of both families", waiting("tcp", "::", 22, SSHD), ["*:22"]],
    ["both, mapped", waiting("tcp", "::ffff:10.0.0.5", 22, SSHD), ["10.0.0.5:22"]],
    ["IPv6 alone", waiting("tcp", "::", 22, { ...SSHD, socket: { isV6Only: true } }), []],
    ["the address", waiting("tcp", "10.0.0.5", 22, SSHD), ["10.0.0.5:22"]],
    ["another address", waiting("tcp", "192.168.7.1", 22, SSHD), []],
    ["loopback", waiting("tcp", "127.0.0.1", 22, SSHD), []],
    ["another port", waiting("tcp", "0.0.0.0", 23, SSHD), []],
    ["another protocol", waiting("udp", "0.0.0.0", 22, SSHD), []],
    ["a protocol that is not audited", waiting("sctp", "0.0.0.0", 22, SSHD), []],
    ["its interface", waiting("tcp", "0.0.0.0", 22, { ...SSHD, socket: { interfaceIndex: 2 } }), ["0.0.0.0%eth0:22"]],
    ["another interface", waiting("tcp", "0.0.0.0", 22, { ...SSHD, socket: { interfaceIndex: 3 } }), []],
    ["another namespace", waiting("tcp", "0.0.0.0", 22, { ...SSHD, namespace: OTHER }), []],
    [
      "a peer alone: a connected UDP socket",
      waiting("udp", "10.0.0.5", 22, { ...SSHD, socket: { state: "established" } }),
      [],
    ],
  ])("bound to %s", (_, socket, bound) => {
    expect(boundAt(placesOf(socket), "10.0.0.5/tcp/22")).toEqual(bound);
  });

  test("of several programs is the one that is bound most closely", () => {
    const places = placesOf(
      waiting("tcp", "0.0.0.0", 80, SSHD),
      waiting("tcp", "10.0.0.5", 80, heldBy(processOf(9, "haproxy"))),
    );
    expect(boundAt(places, "10.0.0.5/tcp/80")).toEqual(["10.0.0.5:80"]);
    expect(boundAt(places, "192.168.7.1/tcp/80")).toEqual(["0.0.0.0:80"]);
  });

  test("is one fact for the sockets of one program (SO_REUSEPORT)", () => {
    expect(
      boundAt(placesOf(waiting("udp", "0.0.0.0", 53, SSHD), waiting("udp", "0.0.0.0", 53, SSHD)), "10.0.0.5/udp/53"),
    ).toHaveLength(1);
  });

  test("by IPv6 is what takes IPv6", () => {
    const view = withIpv6(
      viewOf(waiting("tcp", "::", 9000, { ...SSHD, socket: { isV6Only: true } }), waiting("tcp", "0.0.0.0", 22, SSHD)),
    );
    const places = new InsidePlaces(view, USERS);
    expect(boundAt(places, "2001:db8::5/tcp/9000")).toEqual(["[::]:9000"]);
    expect(boundAt(places, "2001:db8::5/tcp/22")).toEqual([]);
  });

  test("at no address of the machine is nothing", () => {
    expect(boundAt(placesOf(waiting("tcp", "0.0.0.0", 22, SSHD)), "198.51.100.1/tcp/22")).toEqual([]);
  });
});

describe("who has it", () => {
  const [fact] = placesOf(
    waiting(
      "tcp",
      "0.0.0.0",
      22,
      heldBy(processOf(1, "systemd", 0, "init.scope"), processOf(812, "sshd", 0, "ssh.service")),
    ),
  ).waitingAt(portOf("10.0.0.5/tcp/22"));

  test("is the service and not systemd, which keeps the socket beside it", () => {
    expect(fact).toMatchObject({ process: "sshd", pid: 812, unit: "ssh.service" });
  });

  test("is systemd as long as nobody came", () => {
    const places = placesOf(waiting("tcp", "0.0.0.0", 22, heldBy(processOf(1, "systemd"))));
    expect(places.waitingAt(portOf("10.0.0.5/tcp/22"))[0]).toMatchObject({ process: "systemd", pid: 1 });
  });

  test("is a part of the kernel, without a number", () => {
    const places = placesOf(waiting("udp", "0.0.0.0", 51820, { ownership: "kernel", kernelOwner: "WireGuard wg0" }));
    expect(places.waitingAt(portOf("10.0.0.5/udp/51820"))[0]).toMatchObject({
      process: "WireGuard wg0",
      pid: undefined,
    });
  });

  test("is nobody that can be told, of a user by number", () => {
    const places = placesOf(waiting("tcp", "0.0.0.0", 22, { socket: { uid: 1007 } }));
    expect(places.waitingAt(portOf("10.0.0.5/tcp/22"))[0]).toMatchObject({
      process: undefined,
      pid: undefined,
      user: "1007",
    });
  });

  test("is in a container by its name, or by the beginning of its id; its file may be gone", () => {
    const container = { runtime: "docker", id: "a".repeat(64), pod: undefined, role: "payload" } as const;
    const process = {
      ...processOf(900, "nginx"),
      controlGroup: controlGroupOf("docker.scope", container),
      executable: { path: "/usr/sbin/nginx", isDeleted: true },
    };
    const view = viewOf(waiting("tcp", "0.0.0.0", 80, heldBy(process)));
    const at = portOf("10.0.0.5/tcp/80");
    expect(new InsidePlaces(view, USERS).waitingAt(at)[0]).toMatchObject({
      container: "aaaaaaaaaaaa",
      isDeleted: true,
    });
    const facts = { name: "web", image: undefined, pod: undefined, runtime: "docker", ports: [] } as const;
    const named = { ...view, containers: new Map([[container.id, { container, facts }]]) };
    expect(new InsidePlaces(named, USERS).waitingAt(at)[0]?.container).toBe("web");
  });
});

test("a socket that is bound to one interface takes nothing that comes by another", () => {
  const places = placesOf(
    waiting("udp", "0.0.0.0", 67, { ...SSHD, socket: { interfaceIndex: 2 } }),
    waiting("tcp", "0.0.0.0", 22, SSHD),
  );
  expect(places.isBoundElsewhere(portOf("10.0.0.5/udp/67"), "pn-self0")).toBe(true);
  expect(places.isBoundElsewhere(portOf("10.0.0.5/udp/67"), "eth0")).toBe(false);
  expect(places.isBoundElsewhere(portOf("10.0.0.5/tcp/22"), "pn-self0")).toBe(false);
  expect(places.isBoundElsewhere(portOf("10.0.0.5/tcp/23"), "pn-self0")).toBe(false);
});

test("loopback's sockets are known of either family, and others by their ports alone", () => {
  const places = placesOf(
    waiting("tcp", "127.0.0.1", 6379, SSHD),
    waiting("tcp", "::1", 6379, SSHD),
    waiting("tcp", "::ffff:127.0.0.1", 6380, SSHD),
    waiting("tcp", "192.168.7.1", 80, SSHD),
  );
  expect(places.onLoopback({ protocol: "tcp", port: 6379 }).map(({ bound }) => bound)).toEqual([
    "127.0.0.1:6379",
    "[::1]:6379",
  ]);
  expect(
    places.onLoopback({ protocol: "tcp", port: 6380 }).map(({ bound, isLoopback }) => [bound, isLoopback]),
  ).toEqual([["127.0.0.1:6380", true]]);
  expect(places.isAwaited({ protocol: "tcp", port: 6379 })).toBe(false);
  expect(places.isAwaited({ protocol: "tcp", port: 80 })).toBe(true);
  expect(places.ports()).toEqual([
    { protocol: "tcp", port: 6379 },
    { protocol: "tcp", port: 6380 },
    { protocol: "tcp", port: 80 },
  ]);
});

test("without a namespace of its own nothing is known, and nothing breaks", () => {
  const places = new InsidePlaces({ ...viewOf(), namespaces: [] }, USERS);
  expect(places.addresses).toEqual([]);
  expect(places.waitingAt(portOf("10.0.0.5/tcp/22"))).toEqual([]);
});
