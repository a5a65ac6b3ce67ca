// Why ssh(1) has failed, by its own words: it ends with 255 whatever the cause, so only they tell (OpenSSH 7.6 to 10;
// sshconnect.c, sshconnect2.c, ssh.c, packet.c, clientloop.c).

/** What has failed, as one word for programs. */
export type SshTrouble =
  | "no-ssh"
  | "denied"
  | "host-key-unknown"
  | "host-key-changed"
  | "name-unknown"
  | "refused"
  | "unreachable"
  | "timed-out"
  | "closed"
  | "hangs"
  | "too-much"
  | "stopped"
  | "other";

const WORDS: readonly (readonly [pattern: RegExp, trouble: SshTrouble])[] = [
  [/REMOTE HOST IDENTIFICATION HAS CHANGED|Host key for .{1,300} has changed/, "host-key-changed"],
  [/Host key verification failed|No [\w-]+ host key is known/, "host-key-unknown"],
  [/Permission denied|Too many authentication failures|No supported authentication methods/, "denied"],
  [/Could not resolve hostname|Name or service not known/, "name-unknown"],
  [/Connection refused/, "refused"],
  [/No route to host|Network is unreachable/, "unreachable"],
  [/timed out|not responding|Timeout, server/, "timed-out"],
  [
    /Connection (?:to \S+ )?(?:closed|reset)|kex_exchange_identification|Broken pipe|client_loop|lost connection/,
    "closed",
  ],
];

/** The trouble that the last words of ssh tell of. */
export function troubleIn(errors: string): SshTrouble {
  return WORDS.find(([pattern]) => pattern.test(errors))?.[1] ?? "other";
}

/** Each trouble as a clause, and what to do. */
const TEXTS: Readonly<Record<SshTrouble, readonly [why: string, hint: string | undefined]>> = {
  "no-ssh": ["there is no ssh on this machine", "install OpenSSH's client"],
  denied: [
    "it takes none of our keys, and would ask for a password",
    "let `ssh HOST true` work without a question: a key that the agent holds, or a certificate",
  ],
  "host-key-unknown": ["its host key is not known", "connect once by hand, compare the key, and accept it"],
  "host-key-changed": [
    "its host key is another one than is known",
    "somebody may be between us and the host: find out before the old key is removed (ssh-keygen -R)",
  ],
  "name-unknown": ["its name cannot be resolved", undefined],
  refused: ["it refuses connections to its ssh port", undefined],
  unreachable: ["there is no way to it", undefined],
  "timed-out": ["it did not answer in time", undefined],
  closed: ["the connection was closed before it was done", undefined],
  hangs: ["it said nothing more for too long", undefined],
  "too-much": ["it said more than is read", undefined],
  stopped: ["it was stopped", undefined],
  other: ["ssh failed", undefined],
};

/** Why, as a clause. */
export function troubleText(trouble: SshTrouble): string {
  return TEXTS[trouble][0];
}

/** What to do, as a clause, where there is something. */
export function troubleHint(trouble: SshTrouble): string | undefined {
  return TEXTS[trouble][1];
}
