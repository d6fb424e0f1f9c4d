// Opens every page of a built report in Chromium, offline, and looks at it as its readers do:
//   node scripts/check_pages.mjs FOLDER [SCREENSHOT_FOLDER]
// Checks: axe-core finds nothing, at desk and phone width, light and dark; nothing is requested or logged; nothing runs
// wider than a phone; the keyboard reaches the filters, the calculator and the tables, and they do what they say.
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const [folder, screenshots] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf-8");
const browserPath = ["chromium", "chromium-browser", "google-chrome"]
  .flatMap((name) => ["/usr/bin", "/usr/local/bin", "/snap/bin"].map((place) => join(place, name)))
  .find((path) => existsSync(path));
const problems = [];
const views = [
  { name: "desk", viewport: { width: 1280, height: 900 }, colorScheme: "light" },
  { name: "phone-dark", viewport: { width: 320, height: 640 }, colorScheme: "dark", reducedMotion: "reduce" },
  { name: "forced", viewport: { width: 1280, height: 900 }, forcedColors: "active" },
];

const browser = await chromium.launch({
  executablePath: browserPath,
  args: ["--no-sandbox", "--disable-quic", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
const files = readdirSync(folder).filter((file) => file.endsWith(".html")).sort();
if (files.length === 0) {
  problems.push(`${folder} holds no pages`);
}
if (screenshots) {
  mkdirSync(screenshots, { recursive: true });
}

for (const { name: view, ...options } of views) {
  // Playwright's own script is not covered by the pages' content policy; the pages' behaviour under it is checked below.
  const context = await browser.newContext({ ...options, bypassCSP: true });
  for (const file of files.filter((name) => hasCharts(name) || view === "phone-dark")) {
    const page = await open(context, file, `${file} (${view})`);
    await page.evaluate(() => document.querySelectorAll("details").forEach((element) => (element.open = true)));
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() => window.axe.run({ resultTypes: ["violations"] }));
    for (const violation of violations) {
      problems.push(`${file} (${view}): ${violation.id}, ${violation.nodes.length} times, first at ${violation.nodes[0].target}`);
    }
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    if (overflow > 0) {
      problems.push(`${file} (${view}): ${overflow} px wider than the screen`);
    }
    if (screenshots) {
      await page.evaluate(() => document.querySelectorAll("details").forEach((element) => (element.open = false)));
      await page.screenshot({ path: join(screenshots, `${file.replace(".html", "")}-${view}.png`), fullPage: true });
    }
    await page.close();
  }
  await context.close();
}

// With the content policy in force.
const context = await browser.newContext({ viewport: views[0].viewport, offline: true });
await walkEveryPage(context);
if (files.includes("dashboard.html")) {
  await walkFilters(context);
}
if (files.includes("queue.html")) {
  await walkCalculator(context);
}
await walkTables(context);
await withoutScripts();
await browser.close();

for (const problem of problems) {
  console.error(problem);
}
console.log(`${files.length} pages in ${views.length} views: ${problems.length} problems`);
process.exit(problems.length > 0 ? 1 : 0);

// The large-text pages hold the same tables; the narrowest view is the hardest for them.
function hasCharts(file) {
  return !file.endsWith("-text.html");
}

async function open(context, file, where) {
  const page = await context.newPage();
  const own = pathToFileURL(resolve(folder, file)).href;
  page.on("request", (request) => {
    if (request.url() !== own) problems.push(`${where}: requests ${request.url()}`);
  });
  page.on("requestfailed", (request) => problems.push(`${where}: failed request ${request.url()}`));
  page.on("console", (message) => problems.push(`${where}: console says ${message.text()}`));
  page.on("pageerror", (error) => problems.push(`${where}: ${error.message}`));
  await page.goto(own);
  return page;
}

// What Tab reaches, in order, until it comes round.
async function tabStops(page) {
  const stops = [];
  for (let step = 0; step < 400; step += 1) {
    await page.keyboard.press("Tab");
    const stop = await page.evaluate(() => {
      const element = document.activeElement;
      if (element === document.body) return null;
      const style = getComputedStyle(element);
      const box = element.getBoundingClientRect();
      const parts = [element.tagName.toLowerCase(), element.id, element.className, element.getAttribute("aria-label") ?? ""];
      return { name: parts.join(" ").trim(), isVisible: box.width > 0 && style.outlineStyle !== "none" };
    });
    if (stop === null) break;
    stops.push(stop);
  }
  return stops;
}

async function walkEveryPage(context) {
  for (const file of files.filter(hasCharts)) {
    const page = await open(context, file, `${file} (keyboard)`);
    const stops = await tabStops(page);
    if (!stops[0]?.name.startsWith("a  skip")) problems.push(`${file}: the first Tab does not reach the skip link`);
    for (const stop of stops.filter((found) => !found.isVisible)) {
      problems.push(`${file}: no visible focus on ${stop.name}`);
    }
    const tables = await page.locator(".scroll:visible").count();
    const reached = stops.filter((stop) => stop.name.includes("scroll")).length;
    if (reached < tables) problems.push(`${file}: Tab reaches ${reached} of ${tables} tables`);
    await page.close();
  }
}

async function walkFilters(context) {
  const page = await open(context, "dashboard.html", "dashboard.html (filters)");
  if ((await page.locator("#filter-verified").count()) === 0) {
    await page.close();
    return;
  }
  await page.locator("#filter-verified").focus();
  await page.keyboard.press("ArrowDown");
  await page.locator("#filter-author").focus();
  await page.keyboard.press("ArrowDown");
  const chosen = await page.evaluate(() => ({
    verified: document.getElementById("filter-verified").value,
    author: document.getElementById("filter-author").value,
    status: document.getElementById("filter-status").textContent,
    variants: [...document.querySelectorAll(".variant")].filter((element) => !element.hidden).map((element) => element.dataset.label),
    strangers: [...document.querySelectorAll("tr[data-verified]")].filter(
      (row) =>
        !row.hidden &&
        (row.dataset.verified !== document.getElementById("filter-verified").value ||
          row.dataset.author !== document.getElementById("filter-author").value),
    ).length,
  }));
  if (chosen.verified === "all" || chosen.author === "all") problems.push("dashboard.html: the arrow keys change no filter");
  if (chosen.variants.length !== 1) problems.push(`dashboard.html: ${chosen.variants.length} variants shown at once`);
  if (!chosen.status.includes(chosen.variants[0])) problems.push("dashboard.html: the choice is not announced");
  if (chosen.strangers > 0) problems.push(`dashboard.html: ${chosen.strangers} rows shown that the filters exclude`);
  await walkAddress(context, page.url(), chosen);
  await walkBars(page);
  await page.close();
}

// Whoever opens a copied address sees the choice that it holds.
async function walkAddress(context, address, chosen) {
  const page = await context.newPage();
  await page.goto(address);
  const read = await page.evaluate(() => ({
    verified: document.getElementById("filter-verified").value,
    author: document.getElementById("filter-author").value,
    status: document.getElementById("filter-status").textContent,
  }));
  for (const name of Object.keys(read)) {
    if (read[name] !== chosen[name]) problems.push(`dashboard.html: ${address} shows ${read[name]}, not ${chosen[name]}`);
  }
  await page.close();
}

// A bar leads to a bounded table of its videos, by mouse and by keyboard.
async function walkBars(page) {
  await page.locator("#filter-verified").selectOption("all");
  await page.locator("#filter-author").selectOption("all");
  const shown = () =>
    page.evaluate(() => ({
      bar: document.getElementById("filter-bar").value,
      address: new URLSearchParams(location.hash.slice(1)).get("bar"),
      isOpen: document.getElementById("examples").open,
      rows: [...document.querySelectorAll("tr[data-bars]:not([hidden])")].map((row) => row.dataset.bars.split(" ")),
    }));
  const mark = page.locator(".variant:not([hidden]) [data-bar]").first();
  const name = await mark.getAttribute("data-bar");
  await mark.click();
  const clicked = await shown();
  if (clicked.bar !== name || clicked.address !== name) problems.push(`dashboard.html: a click on ${name} chooses ${clicked.bar}`);
  if (!clicked.isOpen) problems.push("dashboard.html: a click on a bar opens no table");
  if (clicked.rows.length === 0 || clicked.rows.length > 20) problems.push(`dashboard.html: ${name} has ${clicked.rows.length} videos`);
  if (!clicked.rows.every((bars) => bars.includes(name))) problems.push(`dashboard.html: videos shown that are not of ${name}`);
  await page.locator("#filter-bar").focus();
  await page.keyboard.press("ArrowDown");
  const pressed = await shown();
  if (pressed.bar === name || !pressed.rows.every((bars) => bars.includes(pressed.bar))) {
    problems.push("dashboard.html: the arrow keys choose no other bar");
  }
}

// Sorting and searching work where nothing is served.
async function walkTables(context) {
  for (const file of files.filter(hasCharts)) {
    const page = await open(context, file, `${file} (tables)`);
    await page.evaluate(() => document.querySelectorAll("details").forEach((element) => (element.open = true)));
    for (const table of await page.locator("table.searchable").all()) {
      const rows = table.locator("tbody tr:visible");
      const count = await rows.count();
      const button = table.locator("thead th.number button, thead th button").first();
      if (count < 2) continue;
      await button.click();
      const up = await rows.first().textContent();
      await button.click();
      if ((await rows.first().textContent()) === up) problems.push(`${file}: a heading sorts nothing`);
      const word = (await rows.first().locator("th").textContent()).trim();
      const search = table.locator("xpath=ancestor::*[contains(@class,'scroll')]/preceding-sibling::p[1]//input");
      await search.fill(word);
      const found = await rows.allTextContents();
      if (found.length === 0 || !found.every((text) => text.includes(word))) problems.push(`${file}: searching ${word} finds ${found.length} rows`);
    }
    await page.close();
  }
}

async function walkCalculator(context) {
  const page = await open(context, "queue.html", "queue.html (calculator)");
  if ((await page.locator("#capacity").count()) === 0) {
    await page.close();
    return;
  }
  const before = await page.locator("#capacity-result").textContent();
  await page.locator("#capacity").focus();
  await page.keyboard.press("ArrowDown");
  const after = await page.locator("#capacity-result").textContent();
  if (before === after) problems.push("queue.html: the capacity changes nothing");
  await page.locator("#minutes").fill("10");
  if ((await page.locator("#capacity-result").textContent()) === after) problems.push("queue.html: the minutes change nothing");
  await page.close();
}

async function withoutScripts() {
  const context = await browser.newContext({ javaScriptEnabled: false });
  for (const file of files.filter(hasCharts)) {
    const page = await open(context, file, `${file} (no scripts)`);
    if (await page.locator(".needs-script:visible").count()) problems.push(`${file}: shows controls that need a script without one`);
    const shown = await page.locator(".variant:visible").count();
    const variants = await page.locator(".variant").count();
    if (variants > 0 && shown !== 1) problems.push(`${file}: shows ${shown} variants without scripts`);
    await page.close();
  }
  await context.close();
}
