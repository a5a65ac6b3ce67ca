// The script that tells the inside of a Linux host: what src/inside reads below /proc, the rules, and the little beside them.
// It is POSIX sh and runs with dash, bash and busybox. Every line that it writes begins with the name of what it is from, put
// there by grep, sed or find, so what stands in a file cannot be taken for another file; and a program reads many files, since
// one a file would take minutes where there are thousands of processes.
import { INTERFACE_PLACE } from "../inside/kernel-setting.js";
import { KERNEL_SETTINGS } from "../inside/kernel-settings/list.js";

/** The tables of a network namespace that are read whole. */
export const TABLES: readonly string[] = [
  ...["tcp", "tcp6", "udp", "udp6", "udplite", "udplite6", "raw", "raw6", "icmp", "icmp6", "packet", "unix"],
  ...["sctp/eps", "sctp/assocs", "if_inet6", "igmp"],
];
/** Those that are cut: a router has the routes of the whole Internet. Then they are not read at all. */
export const LONG_TABLES: readonly string[] = ["route", "ipv6_route"];
const LONG_TABLE_BYTES_MAX = 4 << 20;

/** Programs that list rules, by the name that their lines have. */
export const RULE_PROGRAMS = {
  nft: "nft -a list ruleset",
  "nft-json": "nft -j list ruleset",
  iptables: "iptables-save -c",
  ip6tables: "ip6tables-save -c",
  ipset: "ipset save",
} as const;
/** The old kind, by its table of tables: to ask for tables that are not there would make them. */
export const LEGACY_PROGRAMS = {
  "iptables-legacy": ["iptables-legacy-save -c", "ip_tables_names"],
  "ip6tables-legacy": ["ip6tables-legacy-save -c", "ip6_tables_names"],
} as const;

/** Settings beside those that are judged: what others depend on. */
const MORE_SETTINGS = ["kernel/osrelease", "net/netfilter/nf_conntrack_count", "net/ipv6/conf/*/forwarding"];
/** Names of programs that say in their command line which ports they pass on, as the kernel cuts them. */
const FORWARDERS = "docker-proxy|rootlesskit-doc|pasta|pasta\\.avx2|passt|passt\\.avx2|rootlessport.*|slirp4netns";
const NAMESPACES_MAX = 256;

/** The script, whole: what is cut off does nothing, because its last line starts it. */
export function insideScript(tag: string): string {
  const settings = [...KERNEL_SETTINGS.map(({ path }) => path.replace(INTERFACE_PLACE, "*")), ...MORE_SETTINGS];
  const paths = [...new Set(settings)].map((path) => `/proc/sys/${path}`);
  return `LC_ALL=C
export LC_ALL
PATH="$PATH:/usr/local/bin:/usr/local/sbin:/usr/sbin:/sbin"
${FUNCTIONS.replaceAll("@TAG@", tag)}
settings() {
  each ${paths.join(" ")}
}
rules() {
${Object.entries(RULE_PROGRAMS)
  .map(([name, words]) => `  tell ${name} ${words}`)
  .join("\n")}
${Object.entries(LEGACY_PROGRAMS)
  .map(([name, [words, tables]]) => `  grep -qs . /proc/net/${tables} && tell ${name} ${words}`)
  .join("\n")}
}
main
`;
}

const FUNCTIONS = `say() { printf '@TAG@ %s\\n' "$*"; }
has() { command -v "$1" >/dev/null 2>&1; }
each() {
  printf '%s\\0' "$@" | lines
}
lines() { xargs -0 grep -aHs '' 2>/dev/null; }
limited() {
  if has timeout; then timeout 10 "$@"; else "$@"; fi
}
tell() {
  name=$1
  shift
  has "$1" || return 0
  {
    limited "$@" 2>/dev/null
    status=$?
    echo
    [ "$status" -eq 0 ] || limited "$@" 2>&1 >/dev/null | head -n 3
    echo "status $status"
  } </dev/null | sed "s/^/R:$name:/"
}
network() {
  for table in ${TABLES.join(" ")}; do printf '%s\\0' "$1/$table"; done | lines
  grep -aHs -B 3 '/32 host LOCAL' "$1/fib_trie" 2>/dev/null
  for table in ${LONG_TABLES.join(" ")}; do
    head -c ${LONG_TABLE_BYTES_MAX} "$1/$table" 2>/dev/null | sed "s|^|$1/$table:|"
  done
}
namespaces() {
  links=$(printf '%s\\0' /proc/self/ns/net /proc/self/ns/pid /proc/[0-9]*/ns/net | xargs -0 ls -ln 2>/dev/null |
    sed -n 's|^.* \\(/proc/[0-9a-z]*/ns/[a-z]*\\) -> |L:\\1 |p')
  printf '%s\\n' "$links"
  own=$(printf '%s\\n' "$links" | sed -n 's|^L:/proc/self/ns/net ||p')
  network /proc/net
  count=0
  for link in $(printf '%s\\n' "$links" | grep '/ns/net net:' | sort -u -k 2,2 | tr ' ' ','); do
    [ "\${link#*,}" = "$own" ] && continue
    count=$((count + 1))
    [ "$count" -le ${NAMESPACES_MAX} ] || { say more-namespaces; break; }
    link=\${link#L:}
    network "\${link%%/ns/*}/net"
  done
}
processes() {
  printf '%s\\0' /proc/[0-9]*/stat /proc/[0-9]*/cgroup | lines
  printf '%s\\0' /proc/self/status /proc/[0-9]*/status | xargs -0 grep -aHsE '^(Name|Uid|NSpid|CapEff):' 2>/dev/null
  for one in $(printf '%s\\0' /proc/[0-9]*/comm | xargs -0 grep -lsxE '${FORWARDERS}' 2>/dev/null); do
    printf 'H:%s ' "\${one%comm}cmdline"
    od -An -v -tx1 <"\${one%comm}cmdline" 2>/dev/null | tr -d ' \\n'
    echo
  done
}
descriptors() {
  if find /proc/self/exe -maxdepth 0 -printf '' >/dev/null 2>&1; then
    {
      printf '%s\\0' /proc/[0-9]*/fd |
        xargs -0 sh -c 'exec find "$@" -maxdepth 1 -lname "socket:*" -printf "L:%p %l\\n"' find 2>&1 >&3 |
        sed -n 's|^.*/proc/\\([0-9]*\\)/fd.*ermission denied.*$|N:\\1|p' | sort -u
    } 3>&1
    printf '%s\\0' /proc/[0-9]*/exe |
      xargs -0 sh -c 'exec find "$@" -maxdepth 0 -lname "?*" ! -lname "*
*" -printf "L:%p %l\\n"' find 2>/dev/null
    return
  fi
  for one in /proc/[0-9]*; do
    say process "$one"
    ls -ln "$one/exe" 2>/dev/null
    ls -ln "$one/fd" 2>&1
  done
  say processes-end
}
machine() {
  printf 'D:%s\\n' "$(date +%s.%N)"
  printf 'S:%s\\n' "$(uname -srm)"
  sed -n 's/^PRETTY_NAME=/O:/p' /etc/os-release 2>/dev/null
}
main() {
  say begin
  machine
  if [ "$(uname -s)" != Linux ] || ! grep -qs '^cpu' /proc/stat; then
    say no-proc
    say end
    return
  fi
  grep -Hs '^btime' /proc/stat
  grep -aHs ' /proc ' /proc/self/mountinfo
  namespaces
  descriptors
  processes
  settings
  each /sys/class/net/*/ifindex
  has ip && ip -o addr show </dev/null 2>/dev/null | sed 's/^/A:/'
  cut -d: -f1,3 /etc/passwd 2>/dev/null | sed 's/^/U:/'
  rules
  say end
}`;
