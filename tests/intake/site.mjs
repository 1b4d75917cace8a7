// A server with public pages, and visitors of them. What a page should never do is collected: errors
// on its console, violations of its policy, dialogs, cookies, requests to anybody else.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { chromium } from "playwright-core";
import { Server, killServers } from "./server.mjs";

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
const WAIT_MS = 60_000;
export const EXIT = "https://exit.example.org/";

let browser;
let server;

/** The address of the public pages. */
export async function pages() {
  if (server === undefined) {
    server = await Server.start({
      "intake.listen": "127.0.0.1:0",
      "intake.service_name": "Example Pictures",
      "intake.exit_url": EXIT,
      "intake.country": "DE",
      "intake.work_bits": 12,
      "intake.per_source_hour": 10_000,
      "limits.size_bytes_max": 2 << 20, // of one file: five of them and one more are little
    });
    for (let found; found === undefined; await wait(20)) {
      found = server.log.map((line) => /pages listening.* address=(\S+)/.exec(line)).find(Boolean);
      server.pages = found && `http://${found[1]}`;
    }
  }
  return server.pages;
}

export async function api() {
  await pages();
  return server;
}

export async function closeAll() {
  try {
    await browser?.close();
    if (server !== undefined) {
      assert.equal(await server.stop(), 0);
    }
  } finally {
    killServers();
  }
}

export async function visit(options, run) {
  browser ??= await chromium.launch({
    executablePath: process.env.TUTELA_CHROMIUM,
    headless: true,
    args: process.getuid() === 0 ? ["--no-sandbox"] : [],
  });
  const origin = await pages();
  const context = await browser.newContext({ baseURL: origin, locale: "en-GB", reducedMotion: "reduce", ...options });
  context.setDefaultTimeout(WAIT_MS);
  const complaints = [];
  await context.route(`${EXIT}**`, (route) => route.fulfill({ contentType: "text/html", body: "<h1>elsewhere</h1>" }));
  await context.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) => {
      console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`);
    });
  });
  const page = await context.newPage();
  page.on("console", (message) => {
    if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) {
      complaints.push(message.text());
    }
  });
  page.on("pageerror", (error) => complaints.push(error.stack));
  page.on("dialog", (dialog) => complaints.push(`a dialog: ${dialog.message()}`));
  page.on("request", (request) => {
    if (!request.url().startsWith(`${origin}/`) && request.url() !== EXIT) {
      complaints.push(`a request to another origin: ${request.url()}`);
    }
  });
  try {
    await run(page, context);
    assert.deepEqual(complaints, []);
    assert.deepEqual(await context.cookies(), []);
  } catch (thrown) {
    await page.screenshot({ path: join(process.env.TUTELA_SCREENS, `failure-${Date.now()}.png`), fullPage: true }).catch(() => undefined);
    console.log(complaints.join("\n"));
    console.log((await page.locator("body").innerText().catch(() => "(no page)")).slice(0, 1500));
    throw thrown;
  } finally {
    await context.close();
  }
}

export async function assertAxe(page, what) {
  await page.evaluate(axeSource);
  const violations = await page.evaluate(async (tags) => {
    const { violations: found } = await window.axe.run(document, { runOnly: tags, resultTypes: ["violations"] });
    return found.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 200)).join(" | ")}`);
  }, TAGS);
  assert.deepEqual(violations, [], what);
}

/** The page as it is at one width, and that nothing of it is wider. */
export async function look(page, name, width, height) {
  await page.setViewportSize({ width, height });
  const [scroll, client] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
  assert.ok(scroll <= client, `${name}: ${scroll} wide where there is room for ${client}`);
  await page.screenshot({ path: join(process.env.TUTELA_SCREENS, `${name}-${width}.png`), fullPage: true });
}

/** Tab until `selector` has the focus. */
export async function tabTo(page, selector) {
  for (let tab = 0; tab < 120; ++tab) {
    await page.keyboard.press("Tab");
    if (await page.evaluate((wanted) => document.activeElement?.matches(wanted), selector)) {
      return;
    }
  }
  assert.fail(`not reached with Tab: ${selector}`);
}

const texts = new Map();

/** A text of the catalogue. */
export function say(key, language = "en") {
  if (!texts.has(language)) {
    const path = join(process.env.TUTELA_SOURCE_DIR, `web/intake/locales/${language}.json`);
    texts.set(language, JSON.parse(readFileSync(path, "utf8")));
  }
  const text = texts.get(language)[key];
  assert.equal(typeof text, "string", key);
  return text;
}

export async function receipt(page) {
  await page.locator("#pin").waitFor();
  return { number: (await page.locator("#number").innerText()).trim(), pin: (await page.locator("#pin").innerText()).trim() };
}
