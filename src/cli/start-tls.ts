// TLS on a connection that stands: the handshake, and the lines that say with whom it was (node:tls).
import type { Socket } from "node:net";
import { connect, createSecureContext, type SecureContext, type TLSSocket } from "node:tls";
import { errnoWords } from "../linux/errno.js";
import { InputError } from "../model/errors.js";
import { tlsFaults, tlsLines, viewTls } from "../talk/tls-facts.js";
import { type Authorities, hasCertificate, systemAuthorities } from "../talk/trusted-authorities.js";
import { parseAddress } from "../target/address.js";
import type { TlsSettings } from "./connect-settings.js";
import { readInputText } from "./input-text.js";

/** What a handshake needs to know. */
export interface TlsWork {
  readonly socket: Socket;
  /** As it was typed: the name that the certificate must be for, unless another one was asked for. */
  readonly host: string;
  readonly settings: TlsSettings;
  readonly timeoutMs: number;
  readonly nowMs: number;
  say(line: string): void;
}

/** The connection, or why there is none: in words, for who reads them. */
export type TlsStart = { readonly socket: TLSSocket } | { readonly why: string };

/**
 * Shakes hands, and shows the certificate. One that is not to be trusted ends it, before anything else is sent, unless
 * --insecure was given.
 *
 * @throws InputError when the file of authorities has none
 */
export async function startTls(work: TlsWork): Promise<TlsStart> {
  const { settings, host, say } = work;
  const authorities = authoritiesOf(settings);
  const name = settings.serverName ?? host;
  const shaken = await shakeHands(work, name, contextOf(authorities, settings));
  if ("why" in shaken) return shaken;
  const view = viewTls(shaken.socket);
  for (const line of tlsLines(view, work.nowMs)) say(line);
  const faults = tlsFaults(view, bareHost(name));
  if (faults.length === 0) {
    say(`The certificate is valid for ${name}, by ${authorities.name}.`);
    return shaken;
  }
  for (const fault of faults) say(`The certificate is not to be trusted: ${fault}.`);
  if (settings.isInsecure) return shaken;
  shaken.socket.destroy();
  return { why: "the certificate is not to be trusted; --insecure goes on all the same" };
}

function authoritiesOf({ authorityFile }: TlsSettings): Authorities {
  if (authorityFile === undefined) return systemAuthorities();
  const pem = readInputText(authorityFile);
  if (!hasCertificate(pem)) throw new InputError("there is no certificate in PEM form in it", { file: authorityFile });
  return { pem, name: `the authorities in ${authorityFile}` };
}

/** Where nothing is trusted anyway, old servers may speak as they can: TLS 1.0 and 1.1 (RFC 8996) are shown, not refused. */
function contextOf({ pem, name }: Authorities, { isInsecure, authorityFile }: TlsSettings): SecureContext {
  const old = isInsecure ? ({ minVersion: "TLSv1", ciphers: "DEFAULT@SECLEVEL=0" } as const) : {};
  try {
    return createSecureContext({ ...old, ...(pem === undefined ? {} : { ca: pem }) });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    // biome-ignore lint/style/useErrorCause: it is passed, as the third argument
    throw new InputError(
      `it cannot be read as certificates: ${why}`,
      { file: authorityFile ?? name },
      { cause: error },
    );
  }
}

function shakeHands(work: TlsWork, name: string, secureContext: SecureContext): Promise<TlsStart> {
  const { socket, settings, timeoutMs } = work;
  const isAddress = parseAddress(name) !== undefined;
  return new Promise((resolve) => {
    const secured = connect({
      socket,
      secureContext,
      rejectUnauthorized: false, // what is wrong is looked at afterwards, all of it
      checkServerIdentity: () => undefined,
      ...(isAddress ? {} : { servername: name }), // RFC 6066 §3: no addresses
      ...(settings.protocols.length === 0 ? {} : { ALPNProtocols: [...settings.protocols] }),
    });
    const end = (start: TlsStart): void => {
      clearTimeout(timer);
      secured.removeAllListeners("error").removeAllListeners("close");
      resolve(start);
    };
    const fail = (why: string): void => {
      end({ why: `no TLS: ${why}` });
      secured.on("error", () => {}); // what comes now is told already
      secured.destroy();
    };
    const timer = setTimeout(() => fail(`the server has not shaken hands within ${timeoutMs / 1000} s`), timeoutMs);
    secured.once("secureConnect", () => end({ socket: secured }));
    secured.once("error", (error) => fail(wordsOf(error)));
    secured.once("close", () => fail("the server has closed the connection"));
  });
}

/** OpenSSL's reason, where it is OpenSSL that complains; its whole message names files that nobody here has. */
function wordsOf(error: NodeJS.ErrnoException & { readonly reason?: unknown }): string {
  if (error.code === "ERR_SSL_WRONG_VERSION_NUMBER") return "what the server has sent is no TLS";
  if (typeof error.reason === "string") return error.reason;
  return error.code === undefined ? error.message : errnoWords(error.code);
}

/** An address without brackets and zone, as certificates have it. */
function bareHost(name: string): string {
  return parseAddress(name) === undefined ? name : name.replace(/^\[|\]$/g, "").replace(/%.*$/, "");
}
