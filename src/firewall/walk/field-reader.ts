// How a field of the packet is read on its way: one function a field, made once a rule. Numbers come back as they are, other
// forms as bigints and strings. What is not there breaks the rule; what is not told is unknown.
import type { Field } from "../expression.js";
import { readConnection } from "./connection-field.js";
import { fibReader } from "./fib-field.js";
import { metaReader } from "./meta-field.js";
import { payloadReader } from "./payload-field.js";
import { rawPayloadReader } from "./raw-payload-field.js";
import { BREAK, type FieldReader, UNKNOWN } from "./reading.js";
import { TCP } from "./walk-state.js";

/** The reader of a field. */
export function fieldReader(field: Field): FieldReader {
  switch (field.kind) {
    case "meta":
      return metaReader(field.key);
    case "payload":
      return payloadReader(field.protocol, field.field);
    case "raw-payload":
      return rawPayloadReader(field);
    case "ct":
      return readConnection(field);
    case "fib":
      return fibReader(field);
    case "extension-header":
      // A packet as it is described here has none; IPv4 has no such thing at all.
      return field.field === undefined ? ({ family }) => (family === 6 ? 0 : BREAK) : () => BREAK;
    case "tcp-option":
      return ({ protocol }) => (protocol === TCP ? UNKNOWN : BREAK);
    case "ip-option":
      return field.field === undefined ? ({ family }) => (family === 4 ? 0 : BREAK) : () => BREAK;
    case "sctp-chunk":
    case "other":
      return () => UNKNOWN;
  }
}
