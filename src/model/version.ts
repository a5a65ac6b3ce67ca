// The version of this program; a test compares it with package.json.

/** "0.1.0". */
export const VERSION = "0.1.0";
