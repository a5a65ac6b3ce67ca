// What the tests of the HTML report ask of a page. It is plain JavaScript because it runs in the browser: the tests hand it
// over as text.

/** Elements that end right of the page; what can be scrolled by itself may be wider. */
function hangingOut() {
  const width = document.documentElement.clientWidth;
  const isScrolled = (element) => {
    const box = element.closest(".wide");
    return box !== null && box !== element && getComputedStyle(box).overflowX === "auto";
  };
  const out = [...document.querySelectorAll("body *")].filter(
    (element) => element.getBoundingClientRect().right > width + 1 && !isScrolled(element),
  );
  const all = out.map((element) => `${element.tagName} ${element.textContent.slice(0, 40)}`);
  const pageWidth = document.documentElement.scrollWidth;
  return pageWidth > width ? [`page: ${pageWidth}`, ...all] : all;
}

/** Every value that a property has among the elements. */
function valuesOf(selector, property) {
  const elements = [...document.querySelectorAll(selector)];
  return [...new Set(elements.map((element) => getComputedStyle(element).getPropertyValue(property)))];
}

/** What does not belong into the page, and its text. */
function contents() {
  const isHandled = (element) => element.getAttributeNames().some((name) => name.startsWith("on") || name === "style");
  const foreign = "script, img, iframe, object, embed, form, base, link:not([rel=icon])";
  return {
    foreign: document.querySelectorAll(foreign).length,
    handlers: [...document.querySelectorAll("*")].filter(isHandled).length,
    articles: document.querySelectorAll("main > article").length,
    text: document.body.textContent,
  };
}

/** How far down elements stand. */
function topsOf(ids) {
  return ids.map((id) => document.getElementById(id).getBoundingClientRect().top);
}

/** Tables without captions, head cells without scopes, pictures without words. */
function wordless() {
  const hasWords = (picture) => {
    const ids = picture.getAttribute("aria-labelledby")?.split(" ") ?? [];
    return picture.hasAttribute("aria-label") || ids.some((id) => document.getElementById(id)?.textContent);
  };
  const pictures = [...document.querySelectorAll("svg:not([aria-hidden])")];
  return {
    tables: [...document.querySelectorAll("table")].filter((table) => table.caption === null).length,
    heads: document.querySelectorAll("th:not([scope])").length,
    pictures: pictures.filter((picture) => !hasWords(picture)).length,
  };
}

/** Relative luminance: WCAG 2.2, definitions. */
function luminance(color) {
  const [red, green, blue] = channels(color).map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function channels(color) {
  return color.match(/[\d.]+/g).map(Number);
}

function groundOf(element) {
  if (element === null) return "rgb(255, 255, 255)";
  const color = getComputedStyle(element).backgroundColor;
  return channels(color)[3] === 0 ? groundOf(element.parentElement) : color;
}

/** Texts with a contrast below 4.5:1 (WCAG 2.2, 1.4.3). */
function faintTexts() {
  const faint = [];
  for (const element of document.querySelectorAll("body *")) {
    const hasText = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim() !== "");
    if (!hasText || element.closest("svg") !== null) continue;
    const one = luminance(getComputedStyle(element).color);
    const other = luminance(groundOf(element));
    const ratio = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    if (ratio < 4.5) faint.push(`${ratio.toFixed(2)} ${element.tagName} ${element.textContent.slice(0, 30)}`);
  }
  return faint;
}

globalThis.pageTests = { contents, faintTexts, hangingOut, topsOf, valuesOf, wordless };
