// Statements in a short notation, so that tests of readers can show many of them: `tcp dport == 22; accept`.
import { formatIpv4 } from "../target/ipv4.js";
import { formatIpv6 } from "../target/ipv6.js";
import type { DataType, Scalar } from "./data-type.js";
import type { ElementSet, KeyPart } from "./element-set.js";
import type { Expression, Field, SetReference } from "./expression.js";
import type { Statement, Verdict } from "./statement.js";

/** All statements of a rule. */
export function notationOf(statements: readonly Statement[]): string {
  return statements.map(statementText).join("; ");
}

function statementText(statement: Statement): string {
  switch (statement.kind) {
    case "match":
      return `${expressionText(statement.left)} ${statement.comparison} ${rightText(statement.right)}`;
    case "all":
    case "any": {
      const inner = statement.conditions.map(statementText).join(statement.kind === "all" ? " && " : " || ");
      return `${statement.isNegated ? "!" : ""}(${inner === "" ? statement.kind : inner})`;
    }
    case "verdict":
      return verdictText(statement.verdict);
    case "verdict-map":
      return `${expressionText(statement.key)} vmap ${rightText(statement.map)}`;
    case "reject":
      return `reject ${[statement.ipv4, statement.ipv6].filter((answer) => answer !== undefined).join("/")}`;
    case "nat":
      return natText(statement);
    case "set-field":
      return `${fieldText(statement.field)} := ${expressionText(statement.value)}`;
    case "budget":
      return `budget(${statement.first ?? "?"})`;
    case "update-set":
      return `${statement.operation} @${statement.set} {${expressionText(statement.key)}}`;
    case "notrack":
      return "notrack";
    case "no-effect":
    case "diversion":
    case "unknown":
      return `${statement.kind}(${statement.text})`;
  }
}

function verdictText(verdict: Verdict): string {
  return verdict.kind === "jump" || verdict.kind === "goto" ? `${verdict.kind} ${verdict.chain}` : verdict.kind;
}

function natText({ direction, address, port, portBase, isPrefix }: Statement & { kind: "nat" }): string {
  const to = [address, port].map((part) => (part === undefined ? "-" : expressionText(part))).join(" : ");
  return `${direction} ${to}${portBase === undefined ? "" : ` from ${portBase} on`}${isPrefix ? " prefix" : ""}`;
}

function expressionText(expression: Expression): string {
  switch (expression.kind) {
    case "field":
      return fieldText(expression.field);
    case "value":
      return scalarText(expression.value, expression.type);
    case "binary":
      return `(${expressionText(expression.left)} ${expression.operator} ${expressionText(expression.right)})`;
    case "concat":
      return expression.parts.map(expressionText).join(" . ");
    case "range":
      return `${expressionText(expression.low)}-${expressionText(expression.high)}`;
    case "map":
      return `${expressionText(expression.key)} map`;
    case "unknown":
      return `?(${expression.text})`;
  }
}

function scalarText(value: Scalar, { name }: DataType): string {
  if (name === "ipv4_addr" && typeof value === "number") return formatIpv4(value);
  if (name === "ipv6_addr" && typeof value === "bigint") {
    return formatIpv6(Uint8Array.from({ length: 16 }, (_, at) => Number((value >> BigInt(8 * (15 - at))) & 0xffn)));
  }
  return (name === "mark" || name.startsWith("ct_s")) && typeof value === "number"
    ? `0x${value.toString(16)}`
    : String(value);
}

function rightText(right: Expression | ElementSet | SetReference): string {
  if (right.kind === "set-reference") return `@${right.name}`;
  return right.kind === "element-set" ? setText(right) : expressionText(right);
}

/** The elements of a set; those taken out of it have a "!". */
export function setText({ types, elements }: ElementSet): string {
  const texts = elements.map(({ key, isExcluded, condition }) => {
    const parts = key.map((part, at) => partText(part, types[at]));
    return `${isExcluded === true ? "!" : ""}${parts.join(" . ")}${condition === undefined ? "" : "?"}`;
  });
  return `{${texts.join(", ")}}`;
}

function partText(part: KeyPart, type: DataType | undefined): string {
  if (part.kind === "text") return `"${part.text}${part.isPrefix ? "*" : ""}"`;
  const ends = type === undefined ? [] : [part.low, part.high].map((end) => scalarText(end, type));
  return ends[0] === ends[1] ? (ends[0] ?? "") : ends.join("-");
}

function fieldText(field: Field): string {
  switch (field.kind) {
    case "meta":
      return field.key;
    case "payload":
      return `${field.protocol} ${field.field}`;
    case "raw-payload":
      return `@${field.base},${field.offsetBits},${field.lengthBits}`;
    case "ct":
      return ["ct", field.direction, field.family, field.key].filter((part) => part !== undefined).join(" ");
    case "fib":
      return `fib ${field.flags.join(".")} ${field.result}`;
    case "extension-header":
    case "tcp-option":
    case "ip-option":
    case "sctp-chunk":
      return [field.kind, field.name, field.field].filter((part) => part !== undefined).join(" ");
    case "other":
      return field.text;
  }
}
