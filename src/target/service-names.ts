// What port expressions need to know about the names of services.
import type { Protocol } from "./port-set.js";

/** The names of services and their ports. Names are compared without regard to case (RFC 6335 §5.1). */
export interface ServiceNames {
  /** The ports that have exactly this name, ascending. */
  portsOf(name: string, protocol: Protocol): readonly number[];
  /** The ports whose name fits a pattern with `*` and `?`, ascending. */
  matching(pattern: string, protocol: Protocol): readonly number[];
  /** The name to show for a port. */
  nameOf(port: number, protocol: Protocol): string | undefined;
  /** The known name that a mistyped one may have meant. */
  nearest(name: string): string | undefined;
  /** All ports that have a name, ascending. */
  namedPorts(protocol: Protocol): readonly number[];
}
