// Takes pictures of a built report, light and dark, as a desk and as a phone shows it:
//   node scripts/take_pictures.mjs FOLDER IMAGES
import { existsSync, mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const [folder, images] = process.argv.slice(2);
const executablePath = ["chromium", "chromium-browser", "google-chrome"]
  .map((name) => join("/usr/bin", name))
  .find((path) => existsSync(path));
mkdirSync(images, { recursive: true });
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-background-networking"] });
const sizes = { desk: { width: 1280, height: 1000 }, phone: { width: 390, height: 844 } };
const pictures = [
  ["index", "desk", "light"],
  ["index", "phone", "light"],
  ["dashboard", "desk", "dark"],
  ["queue", "phone", "dark"],
];
for (const [name, size, colorScheme] of pictures) {
  const page = await browser.newPage({ viewport: sizes[size], colorScheme });
  await page.goto(pathToFileURL(resolve(folder, `${name}.html`)).href);
  await page.screenshot({ path: join(images, `${name}-${size}-${colorScheme}.png`) });
  await page.close();
}
await browser.close();
console.log(`Pictures: ${images}/`);
