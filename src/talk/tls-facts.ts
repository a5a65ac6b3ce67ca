// What a TLS connection and its certificate are, as lines for people, and what is wrong with them. Names are compared by
// node:tls (RFC 6125, RFC 9525), chains by OpenSSL. All text of a certificate is the other side's word: the caller makes
// it safe to show.
import { checkServerIdentity, type DetailedPeerCertificate, type PeerCertificate, type TLSSocket } from "node:tls";

const DAY_MS = 86_400_000;
/** A certificate may have thousands of names. */
const NAMES_SHOWN_MAX = 20;
/** A chain that a server sends has three or four; one that refers to itself would have no end. */
const CHAIN_MAX = 10;

/** OpenSSL's words for what is wrong with a chain (verify(1ssl), "DIAGNOSTICS"), as far as there are clearer ones. */
const CHAIN_FAULTS: ReadonlyMap<string, string> = new Map([
  ["DEPTH_ZERO_SELF_SIGNED_CERT", "it is signed by itself, and nobody here trusts it"],
  ["SELF_SIGNED_CERT_IN_CHAIN", "its authority is not among those that are trusted"],
  ["UNABLE_TO_GET_ISSUER_CERT", "its issuer is not known here"],
  ["UNABLE_TO_GET_ISSUER_CERT_LOCALLY", "its issuer is not known here, and the server does not send it"],
  ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "its issuer is not known here, and the server does not send it"],
  ["CERT_HAS_EXPIRED", "it, or one that it depends on, has expired"],
  ["CERT_NOT_YET_VALID", "it, or one that it depends on, is not valid yet"],
  ["CERT_REVOKED", "it has been revoked"],
  ["INVALID_PURPOSE", "it is not meant for servers"],
  ["CERT_SIGNATURE_FAILURE", "its signature is wrong"],
  ["EE_KEY_TOO_SMALL", "its key is too short"],
  ["CA_MD_TOO_WEAK", "it is signed with a hash that is broken"],
]);

/** What is looked at. */
export interface TlsView {
  readonly protocol: string | null;
  readonly cipher: string;
  readonly alpn: string | undefined;
  readonly certificate: DetailedPeerCertificate | undefined;
  /** OpenSSL's code for what is wrong with the chain. */
  readonly chainFault: string | undefined;
}

/** Takes from a connection what the lines are made of. */
export function viewTls(socket: TLSSocket): TlsView {
  const certificate = socket.getPeerCertificate(true);
  const fault: unknown = socket.authorizationError;
  return {
    protocol: socket.getProtocol(),
    cipher: socket.getCipher().standardName,
    alpn: typeof socket.alpnProtocol === "string" ? socket.alpnProtocol : undefined,
    certificate: hasContent(certificate) ? certificate : undefined,
    chainFault: socket.authorized ? undefined : codeOf(fault),
  };
}

/** Node says "no certificate" with an object that has nothing in it. */
function hasContent(certificate: PeerCertificate): boolean {
  return Object.keys(certificate).length > 0;
}

function codeOf(fault: unknown): string {
  if (typeof fault === "string") return fault;
  return fault instanceof Error && "code" in fault ? String(fault.code) : String(fault);
}

/** The lines that say what was agreed on and who the other side says it is. */
export function tlsLines(view: TlsView, nowMs: number): readonly string[] {
  const { protocol, cipher, alpn, certificate } = view;
  const agreed = `TLS: ${protocol ?? "an unknown version"}, ${cipher}, ${alpn === undefined ? "no ALPN" : `ALPN ${alpn}`}`;
  if (certificate === undefined) return [agreed, "TLS: the server has no certificate"];
  const issuers = chainOf(certificate).slice(1);
  return [
    agreed,
    `subject:  ${nameText(certificate.subject)}`,
    `names:    ${namesText(certificate)}`,
    `issuer:   ${nameText(certificate.issuer)}`,
    ...issuers.map((issuer) => `  signed by ${nameText(issuer.issuer)}`),
    `valid:    ${validityText(certificate, nowMs)}`,
    `key:      ${keyText(certificate)}`,
    `SHA-256:  ${certificate.fingerprint256}`,
  ];
}

/** The certificate and what the server sends with it, without the last one where that signs itself. */
function chainOf(certificate: DetailedPeerCertificate): readonly DetailedPeerCertificate[] {
  const chain: DetailedPeerCertificate[] = [];
  let one: DetailedPeerCertificate | undefined = certificate;
  while (one !== undefined && chain.length < CHAIN_MAX && !chain.includes(one)) {
    if (chain.length > 0 && one.issuerCertificate === one) break;
    chain.push(one);
    one = one.issuerCertificate;
  }
  return chain;
}

/** All that is wrong; empty when the certificate is valid for this name, and somebody who is trusted says so. */
export function tlsFaults(view: TlsView, serverName: string): readonly string[] {
  const { certificate, chainFault } = view;
  if (certificate === undefined) return ["the server has no certificate"];
  const faults: string[] = [];
  if (chainFault !== undefined) faults.push(CHAIN_FAULTS.get(chainFault) ?? `it cannot be verified: ${chainFault}`);
  if (checkServerIdentity(serverName, certificate) !== undefined) {
    faults.push(`it is not for ${serverName}, but for ${namesText(certificate)}`);
  }
  return faults;
}

/** A distinguished name in the order of the certificate: "C=DE, O=Example, CN=example.org". */
function nameText(name: PeerCertificate["subject"] | undefined): string {
  const parts = Object.entries(name ?? {}).flatMap(([type, value]: [string, unknown]) =>
    (Array.isArray(value) ? value : [value]).map((one) => `${type}=${String(one)}`),
  );
  return parts.length === 0 ? "(nobody)" : parts.join(", ");
}

/** The alternative names; where there are none, nothing that a client may go by. */
function namesText({ subjectaltname }: PeerCertificate): string {
  if (subjectaltname === undefined || subjectaltname === "") return "none";
  const names = subjectaltname.split(", ");
  const shown = names.slice(0, NAMES_SHOWN_MAX).join(", ");
  return names.length > NAMES_SHOWN_MAX ? `${shown} and ${names.length - NAMES_SHOWN_MAX} more` : shown;
}

function validityText({ valid_from: from, valid_to: to }: PeerCertificate, nowMs: number): string {
  const begin = Date.parse(from);
  const end = Date.parse(to);
  return `${dayText(begin, from)} to ${dayText(end, to)} (${leftText(begin, end, nowMs)})`;
}

function dayText(timeMs: number, text: string): string {
  return Number.isNaN(timeMs) ? text : new Date(timeMs).toISOString().slice(0, 10);
}

function leftText(beginMs: number, endMs: number, nowMs: number): string {
  if (nowMs < beginMs) return "not valid yet";
  const days = Math.floor((endMs - nowMs) / DAY_MS);
  if (Number.isNaN(days)) return "the time cannot be read";
  return days < 0 ? `expired ${-days} days ago` : `${days} days left`;
}

function keyText({ bits, asn1Curve, nistCurve }: PeerCertificate): string {
  const curve = nistCurve ?? asn1Curve;
  if (curve !== undefined) return `elliptic curve ${curve}`;
  return bits === undefined ? "neither RSA nor an elliptic curve with a name" : `RSA, ${bits} bits`;
}
