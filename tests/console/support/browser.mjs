// Debian's Chromium, and in it people with a browser each. Everything that a page is answered is
// recorded before the page gets it; what a page should never do is collected: errors on its console,
// violations of its policy, requests to another origin.
import assert from "node:assert/strict";
import { chromium } from "playwright-core";
import { recordAnswers } from "./record.mjs";

const WAIT_MS = 60_000;

/** Those who are there now. */
export const visitors = new Set();

let browser;

export async function theBrowser() {
  browser ??= await chromium.launch({
    executablePath: process.env.TUTELA_CHROMIUM,
    headless: true,
    args: process.getuid() === 0 ? ["--no-sandbox"] : [],
  });
  return browser;
}

export async function closeBrowser() {
  await browser?.close();
}

/** What the browser says of an answer of ours that is an error; the page shows it to the person. */
function isAnswer(message, origin) {
  return message.text().startsWith("Failed to load resource") && message.location().url.startsWith(`${origin}/v1/`);
}

export class Visitor {
  complaints = [];
  answers = [];
  #waiting = new Set();

  /** `options` are Playwright's of a context. */
  static async open(server, name, options = {}) {
    const visitor = new Visitor();
    const at = { width: 1280, height: 720 };
    visitor.server = server;
    visitor.name = name;
    visitor.context = await (await theBrowser()).newContext({
      baseURL: server.origin,
      viewport: at,
      locale: "en-GB",
      timezoneId: "Europe/Berlin",
      reducedMotion: "reduce",
      ...options,
    });
    visitor.context.setDefaultTimeout(WAIT_MS);
    await visitor.context.addInitScript(() => {
      document.addEventListener("securitypolicyviolation", (event) => {
        console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`);
      });
    });
    visitor.page = await visitor.newPage();
    visitors.add(visitor);
    return visitor;
  }

  async newPage() {
    const page = await this.context.newPage();
    const { origin } = this.server;
    page.on("console", (message) => {
      if (message.type() === "error" && !isAnswer(message, origin)) {
        this.complaints.push(`${page.url()}: ${message.text()}`);
      }
    });
    page.on("pageerror", (error) => this.complaints.push(`${page.url()}: ${error.stack}`));
    for (const end of ["requestfinished", "requestfailed"]) {
      page.on(end, (request) => this.#waiting.delete(request));
    }
    page.on("close", () => this.#waiting.clear());
    page.on("request", (request) => {
      this.#waiting.add(request);
      if (!request.url().startsWith(`${origin}/`)) {
        this.complaints.push(`a request to another origin: ${request.url()}`);
      }
    });
    page.on("dialog", (dialog) => this.complaints.push(`a dialog of the browser: ${dialog.message()}`));
    await recordAnswers(page, this.server, this.name, (answer) => this.answers.push(answer));
    return page;
  }

  /** Requests without an answer. */
  pending() {
    return this.#waiting.size;
  }

  assertQuiet() {
    const said = this.complaints.splice(0);
    assert.deepEqual(said, []);
  }

  async close() {
    visitors.delete(this);
    await this.context.close();
    this.assertQuiet();
  }
}
