// The errors of postern: each has a stable code, an exit status and, where one helps, a hint. docs/errors.md lists them.

/** What every error of ours may carry beyond its message. */
export interface PosternErrorOptions {
  /** What the user can do now, as a clause: "run as root, or use -sT". */
  readonly hint?: string;
  readonly cause?: unknown;
}

/** The base of all errors that postern raises on purpose. */
export abstract class PosternError extends Error {
  /** Stable name for programs: "usage", "scope" … */
  abstract readonly code: string;
  /** Our own commands end with it; the scan command translates it to nmap's statuses. */
  abstract readonly exitStatus: number;
  readonly hint: string | undefined;

  constructor(message: string, options: PosternErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.hint = options.hint;
  }
}

/** The command line cannot be understood. */
export class UsageError extends PosternError {
  readonly code = "usage";
  readonly exitStatus = 2;
}

/** Where in an input the trouble is. */
export interface InputPlace {
  readonly file: string;
  /** 1-based. */
  readonly line?: number;
  /** 1-based. */
  readonly column?: number;
}

/** A file or another input cannot be read or understood. */
export class InputError extends PosternError {
  readonly code = "input";
  readonly exitStatus = 2;
  readonly place: InputPlace;

  constructor(message: string, place: InputPlace, options: PosternErrorOptions = {}) {
    const at = [place.file, place.line, place.column].filter((part) => part !== undefined).join(":");
    super(`${at}: ${message}`, options);
    this.place = place;
  }
}

/** A target lies outside what may be probed. */
export class ScopeError extends PosternError {
  readonly code = "scope";
  readonly exitStatus = 3;
}

/** What was asked for needs a privilege that this process does not have. */
export class PrivilegeError extends PosternError {
  readonly code = "privilege";
  readonly exitStatus = 3;
}

/** There is nothing to scan: no name can be resolved, all targets are excluded, no target has a route. */
export class UnreachableError extends PosternError {
  readonly code = "unreachable";
  readonly exitStatus = 3;
}

/** The kernel refused a call. */
export class SystemCallError extends PosternError {
  readonly code = "system-call";
  readonly exitStatus = 3;
  /** "socket(AF_PACKET)". */
  readonly call: string;
  readonly errno: number;

  constructor(call: string, errno: number, name: string, options: PosternErrorOptions & { object?: string } = {}) {
    const object = options.object === undefined ? "" : ` on ${options.object}`;
    super(`${call}${object} failed: ${name}`, options);
    this.call = call;
    this.errno = errno;
  }
}

/** The history's database cannot be used now: it is locked, its disk is full, or there is no SQLite for this system. */
export class DatabaseError extends PosternError {
  readonly code = "database";
  readonly exitStatus = 3;
  /** Another program holds it, and may give it back. */
  readonly isBusy: boolean;

  constructor(message: string, options: PosternErrorOptions & { readonly isBusy?: boolean } = {}) {
    super(message, options);
    this.isBusy = options.isBusy === true;
  }
}

/** Another host could not be used: it cannot be reached by ssh, or is not what is needed. */
export class RemoteError extends PosternError {
  readonly code = "remote";
  readonly exitStatus = 3;
  /** What has failed, as one word for programs: "denied", "host-key-changed", "timed-out". */
  readonly trouble: string;

  constructor(message: string, trouble: string, options: PosternErrorOptions = {}) {
    super(message, options);
    this.trouble = trouble;
  }
}

/** Our own bug. */
export class InternalError extends PosternError {
  readonly code = "internal";
  readonly exitStatus = 70;
}
