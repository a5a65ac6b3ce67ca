// The version of this program, which a test compares with package.json, and the one of nmap that it follows.

/** "0.1.0". */
export const VERSION = "0.1.0";

/** The nmap whose options, outputs and exit statuses are followed: what is said to programs that ask nmap for its version. */
export const NMAP_VERSION = "7.93";

/** Where that nmap is at home: programs look for an address behind its version. */
export const NMAP_URL = "https://nmap.org";
