import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { DetailedPeerCertificate } from "node:tls";
import { describe, expect, test } from "vitest";
import { type TlsView, tlsFaults, tlsLines } from "./tls-facts.js";
import { systemAuthorities } from "./trusted-authorities.js";

const NOW = Date.parse("2026-11-24T12:00:00Z");

function certificate(changes: Partial<DetailedPeerCertificate> = {}): DetailedPeerCertificate {
  const plain = {
    subject: { O: "Lab", CN: "web.lab" },
    issuer: { CN: "Lab authority" },
    subjectaltname: "DNS:web.lab, DNS:*.web.lab, IP Address:10.0.0.5",
    valid_from: "Nov  1 00:00:00 2026 GMT",
    valid_to: "Dec  4 12:00:00 2026 GMT",
    fingerprint256: "AA:BB",
    bits: 2048,
    ...changes,
  };
  return plain as DetailedPeerCertificate;
}

function view(changes: Partial<TlsView> = {}): TlsView {
  const plain = { protocol: "TLSv1.3", cipher: "TLS_AES_128_GCM_SHA256", alpn: undefined, chainFault: undefined };
  return { ...plain, certificate: certificate(), ...changes };
}

describe("what is shown", () => {
  test("of a usual certificate", () => {
    expect(tlsLines(view({ alpn: "h2" }), NOW)).toEqual([
      "TLS: TLSv1.3, TLS_AES_128_GCM_SHA256, ALPN h2",
      "subject:  O=Lab, CN=web.lab",
      "names:    DNS:web.lab, DNS:*.web.lab, IP Address:10.0.0.5",
      "issuer:   CN=Lab authority",
      "valid:    2026-11-01 to 2026-12-04 (10 days left)",
      "key:      RSA, 2048 bits",
      "SHA-256:  AA:BB",
    ]);
  });

  test.each([
    [
      "an expired one",
      { valid_to: "Nov 20 12:00:00 2026 GMT" },
      "valid:    2026-11-01 to 2026-11-20 (expired 4 days ago)",
    ],
    [
      "one that is not valid yet",
      { valid_from: "Nov 30 00:00:00 2026 GMT" },
      "valid:    2026-11-30 to 2026-12-04 (not valid yet)",
    ],
    ["times that are none", { valid_to: "never" }, "valid:    2026-11-01 to never (the time cannot be read)"],
    ["an elliptic curve", { nistCurve: "P-256", bits: 256 }, "key:      elliptic curve P-256"],
    ["no names", { subjectaltname: "" }, "names:    none"],
    [
      "too many names",
      { subjectaltname: Array.from({ length: 500 }, (_, at) => `DNS:${at}.lab`).join(", ") },
      / and 480 more$/,
    ],
  ])("of %s", (_, changes, line) => {
    const lines = tlsLines(view({ certificate: certificate(changes as Partial<DetailedPeerCertificate>) }), NOW);
    expect(lines).toContainEqual(typeof line === "string" ? line : expect.stringMatching(line));
  });

  test("a chain that leads back to itself has an end", () => {
    const [one, other] = [certificate(), certificate({ issuer: { CN: "Root" } } as Partial<DetailedPeerCertificate>)];
    one.issuerCertificate = other;
    other.issuerCertificate = one;
    expect(tlsLines(view({ certificate: one }), NOW)).toContain("  signed by CN=Root");
  });

  test("no certificate", () => {
    expect(tlsLines(view({ certificate: undefined }), NOW)[1]).toBe("TLS: the server has no certificate");
    expect(tlsFaults(view({ certificate: undefined }), "web.lab")).toEqual(["the server has no certificate"]);
  });
});

describe("what is wrong", () => {
  test.each([
    ["nothing", {}, "web.lab", []],
    ["nothing, by an address", {}, "10.0.0.5", []],
    ["the name", {}, "db.lab", ["it is not for db.lab, but for DNS:web.lab, DNS:*.web.lab, IP Address:10.0.0.5"]],
    ["the address", {}, "10.0.0.6", [expect.stringContaining("it is not for 10.0.0.6")]],
    [
      "the chain",
      { chainFault: "SELF_SIGNED_CERT_IN_CHAIN" },
      "web.lab",
      [expect.stringContaining("its authority is not among")],
    ],
    ["something new", { chainFault: "NEW_FAULT" }, "web.lab", ["it cannot be verified: NEW_FAULT"]],
  ])("%s", (_, changes, name, faults) => {
    expect(tlsFaults(view(changes), name)).toEqual(faults);
  });

  test("both, and both are said", () => {
    expect(tlsFaults(view({ chainFault: "CERT_HAS_EXPIRED" }), "db.lab")).toHaveLength(2);
  });
});

describe("authorities", () => {
  test("come from the first file that has one", () => {
    const folder = mkdtempSync(path.join(tmpdir(), "postern-authorities-"));
    const file = path.join(folder, "bundle.pem");
    writeFileSync(file, "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n");
    const found = systemAuthorities([path.join(folder, "nowhere"), folder, file]);
    rmSync(folder, { recursive: true });
    expect(found.pem).toContain("AA==");
    expect(found.name).toContain(file);
  });

  test("are Node's where there is none", () => {
    expect(systemAuthorities(["/nowhere", "/proc/version"])).toMatchObject({ pem: undefined });
  });
});
