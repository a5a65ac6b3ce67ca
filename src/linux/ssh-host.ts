// Where ssh(1) shall go: [USER@]HOST[:PORT], or ssh://[USER@]HOST[:PORT]. The words become arguments of a program that gives
// some characters a meaning (ssh_config(5), TOKENS and Match exec), so only those are taken that have none anywhere.
import { PORT_MAX } from "../target/port-set.js";

/** A host as ssh knows it: a name, an address, or an alias of its configuration. */
export interface SshHost {
  readonly host: string;
  /** Undefined for whom the configuration names, or the own name. */
  readonly user: string | undefined;
  /** Undefined for what the configuration says, or 22. */
  readonly port: number | undefined;
}

/** Names, aliases and IPv4 addresses. None begins as an option does. */
const NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,254}$/;
const IPV6 = /^[0-9A-Fa-f:.]{2,45}(?:%[A-Za-z0-9_.-]{1,15})?$/;
/** Users of directories have a domain ("anna@example.org"). */
const USER = /^[A-Za-z0-9_][A-Za-z0-9_.@+-]{0,63}$/;

/** Reads what stands behind `ssh:`; undefined for what is no host that ssh could be given. */
export function parseSshHost(text: string): SshHost | undefined {
  const whole = text.startsWith("//") ? text.slice(2) : text;
  const at = whole.lastIndexOf("@");
  const user = at < 0 ? undefined : whole.slice(0, at);
  if (user !== undefined && !USER.test(user)) return undefined;
  const place = parsePlace(whole.slice(at + 1));
  return place === undefined ? undefined : { ...place, user };
}

function parsePlace(text: string): Omit<SshHost, "user"> | undefined {
  const bracketed = /^\[([^\]]+)\](?::(\d{1,5}))?$/.exec(text);
  if (bracketed !== null) return placeOf(bracketed[1] ?? "", bracketed[2], IPV6);
  if (text.split(":").length > 2) return placeOf(text, undefined, IPV6);
  const [host = "", port] = text.split(":");
  return placeOf(host, port, NAME);
}

function placeOf(host: string, portText: string | undefined, form: RegExp): Omit<SshHost, "user"> | undefined {
  const port = portText === undefined ? undefined : Number(portText);
  const isPort = port === undefined || (/^\d{1,5}$/.test(portText ?? "") && port >= 1 && port <= PORT_MAX);
  return form.test(host) && isPort ? { host, port } : undefined;
}

/** As it is written: "anna@jump:2222". */
export function formatSshHost({ host, user, port }: SshHost): string {
  const place = host.includes(":") ? `[${host}]` : host;
  return `${user === undefined ? "" : `${user}@`}${place}${port === undefined ? "" : `:${port}`}`;
}
