// nmap's options that postern knows and does not have, so that nobody is told that they are unknown: what each does, why it
// is refused and what to use instead. Names and meanings: nmap reference guide; what it leaves out: nmap 7.93, as a black box.
import { type Option, refused } from "../option.js";

const SERVICES = "is not in this version: run nmap -sV on the ports that postern found";
const SCRIPTS = "is not in this version: run nmap --script on the ports that postern found";
const SYSTEMS = "is not in this version: run nmap -O on the hosts that postern found";
const PAYLOADS = "is not in this version: UDP probes carry what usual services answer to, others carry nothing";
const FRAGMENTS = "is not in this version: packets leave whole";
const OWN_SOURCES = "is not in this version: answers must come back; --source-addresses names own addresses for UDP";

/** All that is refused, by the headings of nmap's guide. */
export const REFUSED_OPTIONS: readonly Option<unknown>[] = [
  refused(
    ["-iR"],
    "Targets",
    ["random targets", "is left out on purpose: postern probes only targets that somebody named"],
    "N",
  ),
  refused(
    ["-sI"],
    "Techniques",
    ["idle scan", "is not there: it needs a false source address, and postern sends none; use -sS"],
    "ZOMBIE",
  ),
  refused(
    ["-b"],
    "Techniques",
    [
      "FTP bounce scan",
      "is not there: hardly an FTP server does that any more; use -sT from where the targets are near",
    ],
    "RELAY",
  ),
  refused(["-I"], "Techniques", ["ident scan", "has gone from nmap, too; there is nothing in its place"]),
  refused(["--adler32"], "Techniques", ["the old checksum of SCTP", "is not there: RFC 9260 knows only CRC32c"]),
  refused(["-sV", "-sR"], "Services", ["service and version detection", SERVICES]),
  refused(["--allports"], "Services", ["version detection on printers' ports, too", SERVICES]),
  refused(["--version-intensity"], "Services", ["effort of version detection, 0 to 9", SERVICES], "N"),
  refused(["--version-light"], "Services", ["version detection with few probes", SERVICES]),
  refused(["--version-all"], "Services", ["version detection with all probes", SERVICES]),
  refused(["--version-trace"], "Services", ["trace of version detection", SERVICES]),
  refused(["--versiondb"], "Services", ["version probes of one's own", SERVICES], "FILE"),
  refused(["-sC"], "Scripts", ["the default scripts", SCRIPTS]),
  refused(["--script"], "Scripts", ["scripts", SCRIPTS], "LIST"),
  refused(["--script-args"], "Scripts", ["arguments of scripts", SCRIPTS], "LIST"),
  refused(["--script-args-file"], "Scripts", ["arguments of scripts from a file", SCRIPTS], "FILE"),
  refused(["--script-help"], "Scripts", ["help on scripts", SCRIPTS], "LIST"),
  refused(["--script-timeout"], "Scripts", ["time limit of scripts", SCRIPTS], "TIME"),
  refused(["--script-trace"], "Scripts", ["trace of scripts", SCRIPTS]),
  refused(["--script-updatedb"], "Scripts", ["a new index of scripts", SCRIPTS]),
  refused(["-O"], "Operating systems", ["operating system detection", SYSTEMS]),
  refused(["--osscan-limit"], "Operating systems", ["operating systems of promising hosts only", SYSTEMS]),
  refused(["--osscan-guess", "--fuzzy"], "Operating systems", ["guesses at operating systems", SYSTEMS]),
  refused(["--max-os-tries"], "Operating systems", ["tries of operating system detection", SYSTEMS], "N"),
  refused(["--deprecated-xml-osclass"], "Operating systems", ["an old form of operating systems in XML", SYSTEMS]),
  refused(["-A"], "Operating systems", [
    "services, scripts, operating systems and the way",
    "is not in this version: of its parts --traceroute is there",
  ]),
  refused(["-f", "--ff"], "Packets", ["fragments", FRAGMENTS]),
  refused(["--mtu"], "Packets", ["fragments of a chosen size", FRAGMENTS], "BYTES"),
  refused(["-D"], "Packets", ["decoys", OWN_SOURCES], "LIST"),
  refused(["-S"], "Packets", ["another source address", OWN_SOURCES], "ADDRESS"),
  refused(["--spoof-mac"], "Packets", ["another MAC address", OWN_SOURCES], "MAC"),
  refused(
    ["-e"],
    "Packets",
    ["choice of the interface", "is not in this version: the kernel's routes decide; --iflist shows them"],
    "IFACE",
  ),
  refused(
    ["-g", "--source-port"],
    "Packets",
    ["choice of the source port", "is not in this version: by their source ports answers are told from forgeries"],
    "PORT",
  ),
  refused(
    ["--proxies", "--proxy"],
    "Packets",
    ["connects through proxies", "is not in this version: run postern where the targets can be reached"],
    "LIST",
  ),
  refused(["--data"], "Packets", ["payload of probes in hexadecimal", PAYLOADS], "HEX"),
  refused(["--data-string"], "Packets", ["payload of probes as text", PAYLOADS], "TEXT"),
  refused(["--data-length"], "Packets", ["payload of probes at random", PAYLOADS], "BYTES"),
  refused(["--ip-options"], "Packets", ["IP options", "is not in this version: headers carry none"], "OPTIONS"),
  refused(["--ttl"], "Packets", ["time to live of probes", "is not in this version: it is 64, as Linux has it"], "N"),
  refused(["--badsum"], "Packets", ["wrong checksums", "is not in this version: checksums are always right"]),
  refused(
    ["--route-dst"],
    "Output",
    ["the way to an address", "is not there: use ip route get, or --iflist for all routes"],
    "ADDRESS",
  ),
  refused(["--thc"], "Output", ["a greeting to hackers", "is not there: it does nothing else"]),
  refused(["-oS"], "Reports", ["a report in script kiddie spelling", "is not there: use -oN"], "FILE"),
];
