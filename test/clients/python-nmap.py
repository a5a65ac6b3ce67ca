# Scans by python-nmap (Debian: python3-nmap) and says what it saw. Arguments: hosts, ports, arguments for nmap; "" for ports
# or arguments leaves python-nmap its own choice.
import json
import sys

import nmap

hosts, ports, arguments = sys.argv[1:4]
scanner = nmap.PortScanner()
chosen = {"hosts": hosts}
if ports:
    chosen["ports"] = ports
if arguments:
    chosen["arguments"] = arguments
scanner.scan(**chosen)

seen = {}
for host in scanner.all_hosts():
    found = scanner[host]
    numbers = {
        f"{port}/{protocol}": found[protocol][port]["state"]
        for protocol in found.all_protocols()
        for port in found[protocol]
    }
    services = {
        f"{port}/{protocol}": found[protocol][port]["name"]
        for protocol in found.all_protocols()
        for port in found[protocol]
    }
    seen[host] = {"state": found.state(), "ports": numbers, "services": services, "addresses": found["addresses"]}

print(
    json.dumps(
        {
            "hosts": seen,
            "version": scanner.nmap_version(),
            "errors": scanner.scaninfo().get("error", []),
            "warnings": scanner.scaninfo().get("warning", []),
            "stats": scanner.scanstats(),
            "csv": scanner.csv(),
        }
    )
)
