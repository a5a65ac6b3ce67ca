// Settings of one interface of our own (kernel: Documentation/networking/ip-sysctl.rst): those of others are read only.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";

/** Folders beside those of interfaces. */
const NO_INTERFACES: ReadonlySet<string> = new Set(["all", "default", "lo"]);

/** The settings of an interface that this process has made. */
export class InterfaceSettings {
  readonly #name: string;
  readonly #root: string;

  constructor(name: string, procRoot: string = "/proc") {
    this.#name = name;
    this.#root = `${procRoot}/sys/net`;
  }

  /** Turns IPv6 on, deaf to routers; false where the kernel has none, or may not be told. */
  enableIpv6(): boolean {
    const folder = `${this.#root}/ipv6/conf/${this.#name}`;
    write(`${folder}/accept_ra`, "0");
    if (read(`${folder}/disable_ipv6`) === "1") write(`${folder}/disable_ipv6`, "0");
    return read(`${folder}/disable_ipv6`) === "0";
  }

  /**
   * Turns a setting of IPv4 on where the interface that this one stands for has it on, and says so in words, or that it
   * could not be done; undefined where that has it off.
   * @param standsFor Undefined: any of the others
   */
  mirror(setting: string, standsFor: string | undefined): string | undefined {
    const folder = `${this.#root}/ipv4/conf`;
    const others = standsFor === undefined ? names(folder).filter((name) => name !== this.#name) : [standsFor];
    const model = others.find((name) => read(`${folder}/${name}/${setting}`) === "1");
    if (model === undefined) return undefined;
    const own = `${folder}/${this.#name}/${setting}`;
    write(own, "1");
    return read(own) === "1" ? `${setting}=1, as on ${model}` : `${setting}=0, which is 1 on ${model}`;
  }
}

function names(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter((name) => !NO_INTERFACES.has(name));
  } catch {
    return []; // no /proc
  }
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, "latin1").trim();
  } catch {
    return undefined; // a kernel without the setting, or an interface that has just gone
  }
}

function write(file: string, value: string): void {
  try {
    writeFileSync(file, value);
  } catch {
    // Read only, as in many containers: what stands there afterwards decides.
  }
}
