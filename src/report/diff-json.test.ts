// The comparison as programs read it.
import { expect, test } from "vitest";
import { type TestHost, type TestReport, write } from "./diff-events.test.data.js";
import { diffJson } from "./diff-json.js";

const A: TestReport = {
  hosts: [
    {
      address: "10.0.0.5",
      names: ["web.lab"],
      ports: { "1-21": "closed", "22": "open", "80": "open" },
      services: { "80": { product: "nginx", version: "1.24" } },
    },
    { address: "10.0.0.7", ports: { "22": "open" } },
    { address: "10.0.0.8", ports: { "22": "closed" } },
  ],
};
const B: TestReport = {
  hosts: [
    {
      address: "10.0.0.5",
      names: ["web.lab"],
      ports: { "1-20": "closed", "21": "open", "22": "filtered no-response-lossy", "80": "open" },
      services: { "80": { product: "nginx", version: "1.26" }, "21": { name: "ftp", product: "vsftpd" } },
    },
    { address: "10.0.0.8", ports: { "22": "closed" } },
  ],
};

test("one document with all keys", () => {
  expect(JSON.parse(write(diffJson, A, B))).toMatchInlineSnapshot(`
    {
      "a": {
        "finishedAt": "2026-11-23T15:11:07Z",
        "isAborted": false,
        "loss": {
          "lossShare": 0,
          "missedEstimate": 0,
        },
        "name": "a.xml",
        "startedAt": "2026-11-23T15:10:07Z",
        "targets": [
          "10.0.0.0/24",
        ],
      },
      "b": {
        "finishedAt": "2026-11-23T15:11:07Z",
        "isAborted": false,
        "loss": {
          "lossShare": 0,
          "missedEstimate": 0,
        },
        "name": "b.xml",
        "startedAt": "2026-11-23T15:10:07Z",
        "targets": [
          "10.0.0.0/24",
        ],
      },
      "by": "address",
      "format": "postern-diff",
      "formatVersion": 1,
      "hosts": [
        {
          "a": {
            "address": "10.0.0.5",
            "end": "done",
            "names": [
              "web.lab",
            ],
            "reason": "echo-reply",
            "status": "up",
            "systems": [],
          },
          "address": "10.0.0.5",
          "b": {
            "address": "10.0.0.5",
            "end": "done",
            "names": [
              "web.lab",
            ],
            "reason": "echo-reply",
            "status": "up",
            "systems": [],
          },
          "changes": [],
          "ports": [
            {
              "a": "closed",
              "b": "open",
              "portCount": 1,
              "ports": "21",
              "protocol": "tcp",
              "verdict": "opened",
            },
            {
              "a": "open",
              "b": "filtered",
              "blind": "b",
              "portCount": 1,
              "ports": "22",
              "protocol": "tcp",
              "verdict": "lossy",
            },
          ],
          "services": [
            {
              "a": {
                "cpes": [],
                "method": "probed",
                "name": "http",
                "product": "nginx",
                "version": "1.24",
              },
              "b": {
                "cpes": [],
                "method": "probed",
                "name": "http",
                "product": "nginx",
                "version": "1.26",
              },
              "isChanged": true,
              "port": 80,
              "protocol": "tcp",
            },
            {
              "a": null,
              "b": {
                "cpes": [],
                "method": "probed",
                "name": "ftp",
                "product": "vsftpd",
              },
              "isChanged": false,
              "port": 21,
              "protocol": "tcp",
            },
          ],
          "verdict": "changed",
        },
        {
          "a": {
            "address": "10.0.0.7",
            "end": "done",
            "names": [],
            "reason": "echo-reply",
            "status": "up",
            "systems": [],
          },
          "address": "10.0.0.7",
          "b": null,
          "changes": [],
          "ports": [
            {
              "a": "open",
              "b": null,
              "portCount": 1,
              "ports": "22",
              "protocol": "tcp",
              "verdict": "closed",
            },
          ],
          "services": [],
          "verdict": "gone",
        },
      ],
      "onlyOpen": false,
      "summary": {
        "addressesChanged": 0,
        "doubts": [
          {
            "blind": "b",
            "count": 1,
            "doubt": "lossy",
            "of": "ports",
            "openCount": 1,
          },
        ],
        "hostsChanged": 1,
        "hostsCompared": 2,
        "hostsGone": 1,
        "hostsNew": 0,
        "isEqual": false,
        "macsChanged": 0,
        "namesChanged": 0,
        "portsChanged": 0,
        "portsClosed": 0,
        "portsCompared": 24,
        "portsOpened": 1,
        "servicesChanged": 1,
        "systemsChanged": 0,
      },
    }
  `);
});

test("-v: hosts that are the same, and ports", () => {
  const { hosts } = JSON.parse(write(diffJson, A, B, { isSameWanted: true }));
  expect(hosts.map(({ address, verdict }: { address: string; verdict: string }) => [address, verdict])).toEqual([
    ["10.0.0.5", "changed"],
    ["10.0.0.7", "gone"],
    ["10.0.0.8", "same"],
  ]);
  expect(hosts[2].ports).toEqual([
    { protocol: "tcp", ports: "22", portCount: 1, verdict: "same", a: "closed", b: "closed" },
  ]);
});

test("without hosts it is whole, too", () => {
  expect(JSON.parse(write(diffJson, {}, {}))).toMatchObject({ hosts: [], summary: { isEqual: true } });
});

test("what comes from the network is ASCII and comes back as it was", () => {
  const name = 'a"\\\u0000\u001b[2J\u202eb\ud800\u{1f600}</script>\u2028';
  const host: TestHost = { address: "10.0.0.1", names: [name], ports: { "22": "open" } };
  const text = write(diffJson, {}, { hosts: [host] });
  expect(text).not.toMatch(/[^\n\x20-\x7e]/);
  expect(JSON.parse(text).hosts[0].b.names).toEqual([name]);
});
