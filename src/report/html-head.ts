// The head of a page that is one file: nothing is loaded, run or sent.
// HTML Living Standard §4.2; CSP Level 3 §6; the one style is known by its hash.
import { createHash } from "node:crypto";
import { Markup, markup } from "./html-markup.js";

/** A doorway. Without an icon of its own a browser asks the server for one. */
const ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Cpath fill='%23006a60' d='M3 15V7a5 5 0 0 1 10 0v8h-3V7a2 2 0 0 0-4 0v8z'/%3E%3C/svg%3E";

/**
 * Everything before the body.
 * @param style Ours alone: it goes to the page as it is
 */
export function htmlHead(title: string, style: string): Markup {
  const hash = createHash("sha256").update(style).digest("base64");
  const policy = `default-src 'none'; style-src 'sha256-${hash}'; img-src data:; base-uri 'none'; form-action 'none'`;
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta name="generator" content="postern">
<link rel="icon" href="${ICON}">
<title>${title}</title>
<style>${Markup.of([style], [])}</style>
</head>
`;
}
