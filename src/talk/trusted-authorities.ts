// The certificates that this system trusts. Node brings its own list (Mozilla's, of the day when Node was built), which
// knows nothing of an authority that an administrator has added to the system.
import { readFileSync } from "node:fs";

/** Where distributions keep them in one file: Debian, Fedora and RHEL, SUSE, Alpine and BSDs. */
const SYSTEM_FILES: readonly string[] = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/ca-bundle.pem",
  "/etc/ssl/cert.pem",
];

const BEGIN = "-----BEGIN CERTIFICATE-----";

/** Certificates, and where they are from. */
export interface Authorities {
  /** PEM; undefined for those that Node brings. */
  readonly pem: string | undefined;
  /** In words: "the authorities of this system". */
  readonly name: string;
}

/** Those of this system, or Node's where there is no list in any known place. */
export function systemAuthorities(files: readonly string[] = SYSTEM_FILES): Authorities {
  for (const file of files) {
    const pem = readIfThere(file);
    if (pem?.includes(BEGIN) === true) return { pem, name: `the authorities of this system (${file})` };
  }
  return { pem: undefined, name: "the authorities that Node brings: this system has no list in a known place" };
}

/** True for text that has a certificate in it. */
export function hasCertificate(pem: string): boolean {
  return pem.includes(BEGIN);
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, "latin1");
  } catch {
    return undefined; // not there, or not for us: the next one
  }
}
