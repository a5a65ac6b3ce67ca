// Targets that write marks and classes: MARK, CONNMARK, CLASSIFY, HMARK. iptables-extensions(8); net/netfilter/xt_mark.c,
// xt_connmark.c.
import { type DataType, MARK, numberType } from "./data-type.js";
import type { Expression, Field } from "./expression.js";
import { fieldOf, underMask } from "./iptables-condition.js";
import { type ExtensionReader, type GivenOption, onlyValue, optionNamed, together } from "./iptables-scope.js";
import { constant, type Masked, maskedOf, numberOf } from "./iptables-values.js";
import { NotUnderstood } from "./not-understood.js";
import type { Statement } from "./statement.js";

const ALL_ONES = 0xffff_ffff;
const CLASS = numberType("classid", 32);

const PACKET_MARK: Field = { kind: "meta", key: "mark" };
const CONNECTION_MARK: Field = { kind: "ct", key: "mark" };

/** What is left of a field's bits outside of the mask, XORed with the value. */
export function maskedWrite(old: Expression, { value, mask }: Masked, type: DataType): Expression {
  const right = constant(value, value, type);
  const all = 2 ** type.bits - 1;
  if (mask === all) return right;
  const kept = mask === 0 ? old : underMask(old, (~mask & all) >>> 0, type);
  return value === 0 ? kept : { kind: "binary", operator: "^", left: kept, right, type };
}

const WRITES = {
  "--set-xmark": 1,
  "--set-mark": 1,
  "--and-mark": 1,
  "--or-mark": 1,
  "--xor-mark": 1,
};

/** What the options mean as --set-xmark; undefined for one that is none of them. */
function writtenBits(option: GivenOption): Masked | undefined {
  const text = option.values[0] ?? "";
  switch (option.name) {
    case "--set-xmark":
      return maskedOf(text);
    case "--set-mark": {
      const { value, mask } = maskedOf(text);
      return { value, mask: (mask | value) >>> 0 };
    }
    case "--and-mark":
      return { value: 0, mask: ~numberOf(text, ALL_ONES) >>> 0 };
    case "--or-mark":
      return { value: numberOf(text, ALL_ONES), mask: numberOf(text, ALL_ONES) };
    case "--xor-mark":
      return { value: numberOf(text, ALL_ONES), mask: 0 };
    default:
      return undefined;
  }
}

function write(field: Field, given: readonly GivenOption[]): Statement {
  const bits = given.map(writtenBits).find((one) => one !== undefined);
  if (bits === undefined) throw new NotUnderstood("a mark that is not told");
  return setField(field, maskedWrite(fieldOf(field, MARK), bits, MARK));
}

/** Without a connection there is no mark of one; the rule goes on (connmark_tg_shift()). */
function setField(field: Field, value: Expression): Statement {
  return { kind: "set-field", field, value, isOptional: true };
}

const mark = together(WRITES, (given) => [write(PACKET_MARK, given)]);

const connmark = together(
  {
    ...WRITES,
    "--save-mark": 0,
    "--restore-mark": 0,
    "--mask": 1,
    "--nfmask": 1,
    "--ctmask": 1,
    "--left-shift-mark": 1,
    "--right-shift-mark": 1,
  },
  (given): readonly Statement[] => {
    if (given.some(({ name }) => name.endsWith("-shift-mark"))) throw new NotUnderstood("a shifted mark");
    if (optionNamed(given, "--save-mark") !== undefined) {
      return [copy(CONNECTION_MARK, maskNamed(given, "--ctmask"), PACKET_MARK, maskNamed(given, "--nfmask"))];
    }
    if (optionNamed(given, "--restore-mark") !== undefined) {
      return [copy(PACKET_MARK, maskNamed(given, "--nfmask"), CONNECTION_MARK, maskNamed(given, "--ctmask"))];
    }
    return [write(CONNECTION_MARK, given)];
  },
);

function maskNamed(given: readonly GivenOption[], name: string): number {
  const option = optionNamed(given, name) ?? optionNamed(given, "--mask");
  return option === undefined ? ALL_ONES : numberOf(onlyValue(option), ALL_ONES);
}

/** Clears the bits of the one mask, then XORs with those of the other (connmark_tg_shift()). */
function copy(to: Field, clearedMask: number, from: Field, copiedMask: number): Statement {
  const source = fieldOf(from, MARK);
  const right = copiedMask === ALL_ONES ? source : underMask(source, copiedMask, MARK);
  if (clearedMask === ALL_ONES) return setField(to, right);
  const left = underMask(fieldOf(to, MARK), ~clearedMask >>> 0, MARK);
  return setField(to, { kind: "binary", operator: "^", left, right, type: MARK });
}

const classify = together({ "--set-class": 1 }, (given) => {
  const [major = "", minor = ""] = (given[0]?.values[0] ?? "").split(":");
  const isHexadecimal = [major, minor].every((part) => /^[0-9a-fA-F]{1,4}$/.test(part));
  if (!isHexadecimal) throw new NotUnderstood("a class that is not told");
  const value = Number.parseInt(major, 16) * 0x1_0000 + Number.parseInt(minor, 16);
  return [{ kind: "set-field", field: { kind: "meta", key: "priority" }, value: constant(value, value, CLASS) }];
});

const hmark = together(
  {
    "--hmark-tuple": 1,
    "--hmark-mod": 1,
    "--hmark-offset": 1,
    "--hmark-rnd": 1,
    "--hmark-src-prefix": 1,
    "--hmark-dst-prefix": 1,
    "--hmark-sport-mask": 1,
    "--hmark-dport-mask": 1,
    "--hmark-spi-mask": 1,
    "--hmark-sport": 1,
    "--hmark-dport": 1,
    "--hmark-spi": 1,
    "--hmark-proto-mask": 1,
  },
  () => [{ kind: "set-field", field: PACKET_MARK, value: { kind: "unknown", text: "a mark from a hash" } }],
);

/** By their names. */
export const MARK_TARGETS: ReadonlyMap<string, ExtensionReader> = new Map([
  ["MARK", mark],
  ["CONNMARK", connmark],
  ["CLASSIFY", classify],
  ["HMARK", hmark],
]);
