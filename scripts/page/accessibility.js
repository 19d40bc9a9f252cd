// Run inside the page by scripts/test-page: what is wrong with labels, headings, landmarks and contrast, as a list of sentences.

const problems = [];
const all = (selector) => [...document.querySelectorAll(selector)];
const isVisible = (element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
const say = (what, element) => problems.push(`${what}: ${element.outerHTML.slice(0, 90)}`);

for (const field of all("input:not([type=hidden]), select")) {
  if (!field.labels?.length && !field.ariaLabel) say("no label", field);
}
for (const image of all("img")) {
  if (!image.hasAttribute("alt")) say("no alternative text", image);
}
for (const element of all("a, button, summary")) {
  if (!(element.ariaLabel ?? element.textContent).trim()) say("no name", element);
}
for (const element of all("[aria-labelledby]")) {
  if (!document.getElementById(element.getAttribute("aria-labelledby"))) say("labelled by nothing", element);
}

const levels = all("h1, h2, h3, h4").filter(isVisible).map((heading) => Number(heading.tagName[1]));
if (levels.filter((level) => level === 1).length !== 1 || levels[0] !== 1) problems.push(`headings of the levels ${levels}`);
levels.forEach((level, place) => {
  if (place > 0 && level > levels[place - 1] + 1) problems.push(`a heading of level ${level} after one of ${levels[place - 1]}`);
});
if (!document.documentElement.lang) problems.push("no language");
for (const landmark of ["header", "main", "footer", "[role=search]"]) {
  if (all(landmark).length !== 1) problems.push(`not one ${landmark}`);
}
const ids = all("[id]").map((element) => element.id);
if (new Set(ids).size !== ids.length) problems.push("an id comes twice");

// Contrast (WCAG 2.2, 1.4.3 and 1.4.11), from computed colours over the nearest opaque ground.

const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });

function colour(text) {
  canvas.clearRect(0, 0, 1, 1);
  canvas.fillStyle = text;
  canvas.fillRect(0, 0, 1, 1);
  return canvas.getImageData(0, 0, 1, 1).data;
}

function ground(element) {
  for (let each = element; each; each = each.parentElement) {
    const found = colour(getComputedStyle(each).backgroundColor);
    if (found[3] === 255) return found;
  }
  return [255, 255, 255];
}

function luminance([red, green, blue]) {
  const [r, g, b] = [red, green, blue].map((value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(text, element) {
  const [lighter, darker] = [luminance(colour(text)), luminance(ground(element))].sort((a, b) => b - a);
  return (lighter + 0.05) / (darker + 0.05);
}

const told = new Set();
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
for (let node; (node = walker.nextNode());) {
  const element = node.parentElement;
  if (!node.data.trim() || !isVisible(element) || element.closest(".hidden, .skip, svg")) continue;
  const style = getComputedStyle(element);
  const size = parseFloat(style.fontSize);
  const least = size >= 24 || (size >= 18.66 && style.fontWeight >= 700) ? 3 : 4.5;
  const ratio = contrast(style.color, element);
  const key = style.color + element.className;
  if (ratio >= least || told.has(key)) continue;
  told.add(key);
  problems.push(`contrast ${ratio.toFixed(2)} of “${node.data.trim().slice(0, 30)}” (${element.className || element.tagName})`);
}
const box = document.getElementById("q");
if (contrast(getComputedStyle(box).borderTopColor, box.parentElement) < 3) problems.push("the border of the box is too faint");

return problems;
