import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { mayForward, readPortForwarder } from "./port-forwarder.js";

/** A command line as one word after the other. */
function read(line: string) {
  return readPortForwarder(line.split(" "));
}

describe("docker-proxy", () => {
  test("says where one port leads", () => {
    const line =
      "/usr/bin/docker-proxy -proto tcp -host-ip 127.0.0.1 -host-port 8080 -container-ip 172.17.0.2 -container-port 80 -use-listen-fd";
    expect(read(line)).toMatchObject({
      name: "docker-proxy",
      isComplete: true,
      ports: [
        {
          protocol: "tcp",
          family: 4,
          hostAddress: "127.0.0.1",
          hostPorts: [8080, 8080],
          target: "address",
          toAddress: "172.17.0.2",
          toPorts: [80, 80],
          by: "docker-proxy",
          isCertain: true,
        },
      ],
    });
  });

  test.each([
    ["0.0.0.0", 4],
    ["::", 6],
  ])("on %s is on all addresses of a family", (address, family) => {
    const line = `docker-proxy --proto=udp --host-ip=${address} --host-port=53 --container-ip=fd00::2 --container-port=5353`;
    expect(read(line)?.ports).toMatchObject([
      { protocol: "udp", family, hostAddress: undefined, toAddress: "fd00::2" },
    ]);
  });

  test.each([
    "docker-proxy",
    "docker-proxy -proto tcp -host-port 80",
    "docker-proxy -host-port 99999 -container-ip 10.0.0.1 -container-port 80",
    "docker-proxy -host-port 80 -container-ip \x1b[2J -container-port 80",
  ])("%j is not complete", (line) => {
    expect(read(line)).toEqual({ name: "docker-proxy", ports: [], isComplete: false });
  });
});

describe("pasta", () => {
  test.each<[line: string, shown: readonly string[]]>([
    ["/usr/bin/pasta --config-net -t none -u none -T none -U none --netns /run/x", []],
    ["pasta --config-net -t 8080-8080:80-80 -u none -T none", ["tcp *:8080 -> 80"]],
    ["pasta -t 127.0.0.1/40022:2222 -u 5353", ["tcp 127.0.0.1:40022 -> 2222", "udp *:5353 -> same"]],
    ["pasta -t 22,80-90,443:8443", ["tcp *:22 -> same", "tcp *:80-90 -> same", "tcp *:443 -> 8443"]],
    ["pasta --tcp-ports=192.0.2.1%eth0/80", ["tcp 192.0.2.1:80 -> same on eth0"]],
    ["pasta -t all", ["tcp *:1-65535 -> same perhaps"]],
    ["pasta -t none -- sh -c x -t 80", []],
  ])("%s", (line, shown) => {
    const found = read(line);
    expect(found?.isComplete).toBe(true);
    const rows = found?.ports.map(({ protocol, hostAddress, hostPorts, toPorts, inInterface, isCertain }) => {
      const ports = [...new Set(hostPorts)].join("-");
      const to = toPorts === undefined ? "same" : [...new Set(toPorts)].join("-");
      const where = inInterface === undefined ? "" : ` on ${inInterface.name}`;
      return `${protocol} ${hostAddress ?? "*"}:${ports} -> ${to}${where}${isCertain ? "" : " perhaps"}`;
    });
    expect(rows).toEqual(shown);
  });

  test.each(["pasta -t auto", "pasta -t ~22", "pasta -t", "pasta -t nonsense/80"])("%s is not complete", (line) => {
    expect(read(line)).toEqual({ name: "pasta", ports: [], isComplete: false });
  });
});

test.each(["rootlessport", "rootlessport-child", "slirp4netns --api-socket /x -c 42 tap0"])(
  "%s has its ports from elsewhere",
  (line) => {
    expect(read(line)).toMatchObject({ ports: [], isComplete: false });
  },
);

test.each(["nginx: master process", "", "/usr/bin/docker-proxyx -host-port 80"])("%j is no forwarder", (line) => {
  expect(read(line)).toBeUndefined();
});

test.each([
  ["docker-proxy", "/usr/bin/docker-proxy", true],
  ["rootlesskit-doc", "/proc/self/exe", true],
  ["passt.avx2", "/usr/bin/passt.avx2", true],
  ["exe", "/snap/docker/current/bin/docker-proxy", true],
  ["nginx", undefined, true],
  ["nginx", "/usr/sbin/nginx", false],
  [undefined, "/usr/sbin/nginx", false],
])("of %s in %s the command line is worth to be read: %s", (name, path, isWorthIt) => {
  const executable = path === undefined ? undefined : { path, isDeleted: false };
  expect(mayForward({ name, executable })).toBe(isWorthIt);
});

test("no command line makes it throw", () => {
  const word = fc.oneof(
    fc.constantFrom("-t", "-u", "--tcp-ports=", "none", "all", "80:", ":80", "/", "%", "-host-port", "1-9", "--", "\0"),
    fc.string(),
  );
  fc.assert(
    fc.property(fc.constantFrom("pasta", "docker-proxy", "slirp4netns"), fc.array(word), (program, words) => {
      readPortForwarder([program, ...words]);
    }),
  );
});
