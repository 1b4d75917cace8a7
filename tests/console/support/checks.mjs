// What every page must pass: axe, the keyboard, its pictures, its words.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
const SIZES = [
  { width: 1280, height: 720 },
  { width: 1920, height: 1080 },
  { width: 820, height: 1180 },
];
/** A tablet held upright and a telephone: here tables fold, and none scrolls sideways in its box. */
const NARROW = [
  { width: 820, height: 1180 },
  { width: 390, height: 844 },
];
export const THEMES = ["light", "dark"];
const TABS_MAX = 600;
const SETTLED_MS = 60_000;

/** Until nothing loads any more. */
export async function settled(visitor) {
  const { page } = visitor;
  await page.locator("h1:visible").first().waitFor();
  for (const end = Date.now() + SETTLED_MS; Date.now() < end; await wait(50)) {
    const loading = await page.locator(".mantine-Loader-root:visible").count();
    if (loading === 0 && visitor.pending() === 0) {
      return;
    }
  }
  assert.fail(`still loading: ${visitor.page.url()}`);
}

export async function assertAxe(page, what) {
  if (!(await page.evaluate(() => "axe" in window))) {
    await page.evaluate(axeSource);
  }
  const violations = await page.evaluate(async (tags) => {
    const { violations } = await window.axe.run(document, { runOnly: tags, resultTypes: ["violations"] });
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 200)).join(" | ")}`);
  }, TAGS);
  assert.deepEqual(violations, [], what);
}

/** axe and screenshots in both themes; the page follows the system's theme. */
export async function assertLooks(visitor, name, screens = SIZES) {
  const { page } = visitor;
  for (const theme of THEMES) {
    await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
    await page.waitForFunction((wanted) => document.documentElement.dataset.mantineColorScheme === wanted, theme);
    await assertAxe(page, `${name}, ${theme}`);
    for (const size of screens) {
      await page.setViewportSize(size);
      await wait(50);
      await assertNoSidewaysScroll(page, `${name} at ${size.width}`);
      const file = `${name}-${theme}-${size.width}x${size.height}.png`;
      await page.screenshot({ path: join(process.env.TUTELA_SCREENS, file) });
    }
    await page.setViewportSize(SIZES[0]);
  }
  await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
}

/** Every table of the page fits its box, says each column's name, and passes axe. */
export async function assertTablesFold(visitor, name) {
  const { page } = visitor;
  for (const size of NARROW) {
    await page.setViewportSize(size);
    await wait(100);
    const what = `${name} at ${size.width}`;
    await assertNoSidewaysScroll(page, what);
    const measure = () =>
      page.locator(".table-box:visible").evaluateAll((boxes) =>
        boxes.map((box) => ({
          scroll: box.scrollWidth,
          client: box.clientWidth,
          headless: [...box.querySelectorAll("tbody tr")].filter((row) => row.querySelector("th[scope=row]") === null).length,
          nameless: [...box.querySelectorAll("thead th, .table-under dt")].filter((head) => head.textContent === "" && head.querySelector("[aria-label]") === null).length,
        })),
      );
    let tables = await measure();
    for (let tries = 0; tries < 300 && tables.some(({ scroll, client }) => scroll > client); ++tries) {
      await wait(100); // it folds after it was drawn
      tables = await measure();
    }
    for (const { scroll, client, headless, nameless } of tables) {
      assert.ok(scroll <= client, `${what}: a table is ${scroll} wide where there is room for ${client}`);
      assert.deepEqual([headless, nameless], [0, 0], `${what}: rows or columns without a head`);
    }
    await assertAxe(page, what);
    await page.screenshot({ path: join(process.env.TUTELA_SCREENS, `${name}-folded-${size.width}x${size.height}.png`) });
  }
  await page.setViewportSize(SIZES[0]);
}

async function assertNoSidewaysScroll(page, what) {
  const [scroll, client] = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    return [scrollWidth, clientWidth];
  });
  assert.ok(scroll <= client, `${what}: the page is ${scroll} wide where there is room for ${client}`);
}

/** Tab alone reaches all that can be used, leaves nothing, and comes round. */
export async function assertKeyboardReaches(page, what) {
  await page.evaluate(() => {
    document.activeElement?.blur?.();
    window.seenByTab = new Set();
  });
  let rounds = 0;
  for (let tab = 0; tab < TABS_MAX && rounds < 2; ++tab) {
    await page.keyboard.press("Tab");
    rounds += await page.evaluate(() => {
      const at = document.activeElement;
      if (at === document.body) {
        return 1;
      }
      const again = window.seenByTab.has(at) && window.firstByTab === at;
      window.firstByTab ??= at;
      window.seenByTab.add(at);
      return again ? 1 : 0;
    });
  }
  const missed = await page.evaluate(() => {
    const usable = "a[href],button,input,select,textarea,summary,[tabindex]:not([tabindex='-1'])";
    const radios = new Set();
    return [...document.querySelectorAll(usable)]
      .filter((each) => each.checkVisibility({ visibilityProperty: true }) && !each.matches(":disabled,[tabindex='-1'],[type=hidden]"))
      .filter((each) => each.closest("[inert],[hidden]") === null)
      .filter((each) => {
        if (each.type === "radio") {
          const isNew = !radios.has(each.name) && ![...document.getElementsByName(each.name)].some((one) => window.seenByTab.has(one));
          radios.add(each.name);
          return isNew;
        }
        return !window.seenByTab.has(each);
      })
      .map((each) => each.outerHTML.slice(0, 160));
  });
  assert.deepEqual(missed, [], `${what}: not reached with Tab`);
  assert.ok(rounds > 0, `${what}: Tab does not come round`);
  assert.ok((await page.evaluate(() => window.seenByTab.size)) > 3, `${what}: Tab reaches hardly anything`);
}

function keysOf(value, prefix) {
  return typeof value === "string"
    ? [prefix]
    : Object.entries(value).flatMap(([name, inner]) => keysOf(inner, prefix === "" ? name : `${prefix}.${name}`));
}

let known;

/** Every key of every catalogue, as a page would show it where a text is missing. */
function catalogueKeys() {
  if (known === undefined) {
    const folder = join(process.env.TUTELA_SOURCE_DIR, "web/console/src/locales/en");
    known = readdirSync(folder).flatMap((file) => {
      const keys = keysOf(JSON.parse(readFileSync(join(folder, file), "utf8")), "");
      return keys.flatMap((key) => [key.replace(/_(one|other)$/, ""), key]).filter((key) => key.includes("."));
    });
  }
  return known;
}

/** No key where words should be, and nothing left to fill in. */
export async function assertWords(page, language, what) {
  const wrong = await page.evaluate(
    ({ keys }) => {
      const all = new Set(keys);
      const isWrong = (text) => /\{\{|\}\}/.test(text) || all.has(text.replace(/^\w+:/, ""));
      const found = [];
      const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      for (let node = texts.nextNode(); node !== null; node = texts.nextNode()) {
        if (node.parentElement?.closest("style,script") === null) {
          found.push(node.data.trim());
        }
      }
      for (const element of document.querySelectorAll("[aria-label],[title],[placeholder],[alt]")) {
        found.push(...["aria-label", "title", "placeholder", "alt"].map((name) => element.getAttribute(name) ?? ""));
      }
      return found.filter(isWrong);
    },
    { keys: catalogueKeys() },
  );
  assert.deepEqual(wrong, [], `${what}: no words`);
  assert.equal(await page.getAttribute("html", "lang"), language);
}
