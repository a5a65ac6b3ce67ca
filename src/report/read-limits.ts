// What a report may hold, so that a hostile one cannot take all memory. Real reports stay far below.

/** Longest piece of text: a line, a tag with its attributes, a comment, one JSON value. In UTF-16 units. */
export const TEXT_MAX: number = 16 * 1024 * 1024;

/** Attributes of one element of XML; nmap's richest has 14. */
export const ATTRIBUTES_MAX = 64;

/** How deep elements, or JSON's arrays and objects, may be nested; nmap's scripts nest their tables some 6 deep. */
export const DEPTH_MAX = 64;

/**
 * What one host may take, in UTF-16 units, where each element counts as {@link ELEMENT_COST} beside its text: some ten times
 * what nmap writes for a host that shows all 65,535 TCP ports open.
 */
export const HOST_COST_MAX: number = 256 * 1024 * 1024;

/** What an element takes in memory beside its text. */
export const ELEMENT_COST = 200;
