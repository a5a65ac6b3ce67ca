// Whether connections are tracked at all: the kernel tracks those of a family once a rule asks for it, and without that no NAT
// chain is ever called (nf_ct_netns_get(), nf_nat_inet_fn()).
import type { Expression, Field } from "../expression.js";
import type { Chain, Ruleset, Table } from "../ruleset.js";
import type { Statement } from "../statement.js";

/** ct count of nft; connlimit, connbytes and connlabel of iptables. */
const COUNTS_CONNECTIONS = /\bct\b|\bconn/;

/** True when some rule for the family needs connections. */
export function isTracking({ tables }: Ruleset, family: 4 | 6): boolean {
  return tables.some(
    (table) => isOfFamily(table, family) && [...table.chains.values()].some((chain) => usesConnections(chain, family)),
  );
}

function isOfFamily({ family }: Table, wanted: 4 | 6): boolean {
  return family === "inet" || family === (wanted === 4 ? "ip" : "ip6");
}

function usesConnections({ rules }: Chain, family: 4 | 6): boolean {
  return rules.some(({ statements }) => statements.some((statement) => needsConnection(statement, family)));
}

function needsConnection(statement: Statement, family: 4 | 6): boolean {
  switch (statement.kind) {
    case "nat":
      return statement.family === undefined || (statement.family === "ip") === (family === 4);
    case "unknown":
    case "diversion":
      return true;
    case "budget":
      return COUNTS_CONNECTIONS.test(statement.text);
    case "match":
      return readsConnection(statement.left) || (isExpression(statement.right) && readsConnection(statement.right));
    case "all":
    case "any":
      return statement.conditions.some((one) => needsConnection(one, family));
    case "verdict-map":
      return readsConnection(statement.key);
    case "set-field":
      return isConnection(statement.field) || readsConnection(statement.value);
    case "update-set":
      return readsConnection(statement.key) || statement.inner.some((one) => needsConnection(one, family));
    default:
      return false;
  }
}

function isExpression(side: { readonly kind: string }): side is Expression {
  return side.kind !== "element-set" && side.kind !== "set-reference";
}

function readsConnection(expression: Expression): boolean {
  switch (expression.kind) {
    case "field":
      return isConnection(expression.field);
    case "binary":
      return readsConnection(expression.left) || readsConnection(expression.right);
    case "concat":
      return expression.parts.some(readsConnection);
    case "map":
      return readsConnection(expression.key);
    case "range":
      return readsConnection(expression.low) || readsConnection(expression.high);
    default:
      return false;
  }
}

function isConnection({ kind }: Field): boolean {
  return kind === "ct";
}
