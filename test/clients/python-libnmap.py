# Scans by python-libnmap (Debian: python3-libnmap), which reads line by line while nmap runs, and says what it saw.
# Arguments: options for nmap, then hosts.
import json
import sys

from libnmap.parser import NmapParser
from libnmap.process import NmapProcess

progress = []
process = NmapProcess(
    targets=sys.argv[2:],
    options=sys.argv[1],
    event_callback=lambda it: progress.append(it.progress),
    safe_mode=False,
)
status = process.run()
report = NmapParser.parse(process.stdout)

hosts = {}
for host in report.hosts:
    services = host.services
    hosts[host.address] = {
        "state": host.status,
        "ports": {f"{one.port}/{one.protocol}": one.state for one in services},
        "services": {f"{one.port}/{one.protocol}": one.service for one in services},
        "names": host.hostnames,
    }

print(
    json.dumps(
        {
            "hosts": hosts,
            "status": status,
            "isSuccessful": process.is_successful(),
            "errors": process.stderr,
            "version": process.version,
            "elapsed": process.elapsed,
            "summary": process.summary,
            "tasks": sorted(str(name) for name in process.tasks),
            "eventCount": len(progress),
            "exit": report.endtime > 0,
            "numbers": [report.hosts_up, report.hosts_down, report.hosts_total],
        }
    )
)
