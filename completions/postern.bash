# Words of postern for this shell, made from its option table: postern completion prints it.
_postern() {
  local word=$2 before=$3
  COMPREPLY=()
  if [[ $word == = ]]; then word=""; elif [[ $before == = ]]; then before=${COMP_WORDS[COMP_CWORD-2]}; fi
  case $before in
    -iL|--excludefile|--servicedb|--journal|--resume|-oN|-oX|-oG|-oJ|-oC|-oH|-oA|--stylesheet|--history-file|--scope) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$word"); return ;;
    --link) mapfile -t COMPREPLY < <(compgen -W "$(cd /sys/class/net && echo *)" -- "$word"); return ;;
    --exclude|--authorized|--scanflags|-p|--exclude-ports|--top-ports|--port-ratio|--source-addresses|--borrow|--min-rtt-timeout|--max-rtt-timeout|--initial-rtt-timeout|--max-retries|--host-timeout|--scan-delay|--max-scan-delay|--min-rate|--max-rate|--min-parallelism|--max-parallelism|--min-hostgroup|--max-hostgroup|--dns-servers|--shard|--seed|--nsock-engine|--syslog-to|--stats-every|--as) return ;;
    --datadir) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -d -- "$word"); return ;;
    -T) mapfile -t COMPREPLY < <(compgen -W "0 1 2 3 4 5 paranoid sneaky polite normal aggressive insane" -- "$word"); return ;;
    --transport) mapfile -t COMPREPLY < <(compgen -W "auto ring raw io_uring epoll node" -- "$word"); return ;;
  esac
  if [[ $word == -* ]]; then mapfile -t COMPREPLY < <(compgen -W "-iL --link --exclude --excludefile --resolve-all -6 --unique --randomize-hosts --rH --authorized -sL -sn -Pn -PE -PP -PM -PS -PA -PU -PY -PO -PB -PR --disable-arp-ping --discovery-ignore-rst --traceroute -sS -sT -sU -sY -sZ -sO -sA -sW -sM -sF -sN -sX --scanflags -p --exclude-ports -F --top-ports --port-ratio -r --servicedb --datadir --payload-printers --source-addresses --borrow --defeat-icmp-ratelimit -T --min-rtt-timeout --max-rtt-timeout --initial-rtt-timeout --max-retries --host-timeout --scan-delay --max-scan-delay --min-rate --max-rate --min-parallelism --max-parallelism --min-hostgroup --max-hostgroup --defeat-rst-ratelimit --nogcc -n -R --dns-servers --system-dns --shard --seed --journal --resume --transport --privileged --unprivileged --send-eth --send-ip --nsock-engine --release-memory -oN -oX -oG -oJ -oC -oH -oA --append-output --stylesheet --webxml --no-stylesheet --log-errors --syslog --syslog-to --no-syslog --history --history-file --no-history --scope -v --verbose --vv -d --debug --packet-trace --reason --open --stats-every --progress --no-progress --noninteractive --iflist -h --help -V --version --as" -- "$word")
  elif ((COMP_CWORD == 1)); then mapfile -t COMPREPLY < <(compgen -W "convert diff history sockets kernel connect firewall policy audit watch completion" -A hostname -- "$word")
  else mapfile -t COMPREPLY < <(compgen -A hostname -- "$word"); fi
}
complete -F _postern postern
