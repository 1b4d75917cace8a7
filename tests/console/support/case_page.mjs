// What a reviewer does on the page of a case, with the keyboard alone.
import assert from "node:assert/strict";
import { setTimeout as wait } from "node:timers/promises";
import { words } from "./words.mjs";

export const GRADES = ["outline", "mosaic", "grey_blurred", "grey_small", "full"];
const CASE = /\/cases\/([0-9a-f-]{36})$/;

export function caseOf(page) {
  return CASE.exec(new URL(page.url()).pathname)?.[1];
}

/** Until this case, and not the one before, is what keys are for. */
export async function isThere(page, id) {
  await page.getByRole("heading", { level: 1, name: words("case:title", { id: id.slice(-8) }) }).waitFor();
  await page.getByRole("region", { name: words("case:verdict.title") }).waitFor();
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve))));
}

/** Until another case than `before` is on the page, or, where there is none, the queue. */
export async function arrived(page, before) {
  await page.waitForFunction(
    (old) => {
      const at = /^\/cases\/([0-9a-f-]{36})$/.exec(location.pathname);
      return location.pathname === "/queue" ? old !== undefined : at !== null && at[1] !== old;
    },
    before,
  );
  const id = caseOf(page);
  if (id !== undefined) {
    await isThere(page, id);
  }
  return id;
}

const plate = (page, grade) => page.getByRole("img", { name: words(`case:grade.${grade}`), exact: true });

const LINKS_MS = 30_500; // the server makes 20 links for a session in 30 s: people are slower
const LINKS = 19;
const steps = new WeakMap();

async function takeTime(page) {
  const made = (steps.get(page.context()) ?? []).slice(-LINKS);
  if (made.length === LINKS) {
    await wait(Math.max(0, made[0] + LINKS_MS - Date.now()));
  }
  steps.set(page.context(), [...made, Date.now()]);
}

/** One key, one grade more; the first of a case asks what for. */
export async function step(page, grade) {
  await takeTime(page);
  await page.keyboard.press(".");
  const dialog = page.getByRole("dialog", { name: words("case:purpose_dialog.title") });
  await plate(page, grade).or(dialog).first().waitFor();
  if (await dialog.isVisible()) {
    assert.equal(grade, "outline");
    await page.keyboard.press("1");
  }
  await plate(page, grade).waitFor();
}

/** Steps the view from nothing to a grade. */
export async function stepTo(page, grade) {
  for (const each of GRADES.slice(0, GRADES.indexOf(grade) + 1)) {
    await step(page, each);
  }
}

const KEYS = { A1: "a", A2: "s", B1: "d", B2: "f" };

/** `verdict`: "cleared", "confirmed" or a classification. */
export async function judge(page, verdict) {
  await page.keyboard.press(KEYS[verdict] ?? (verdict === "cleared" ? "2" : "1"));
  await planned(page);
}

/** Until what it will do is written out. */
export async function planned(page) {
  await page.getByText(words("case:plan.undo")).first().waitFor();
}

export async function submitAndNext(page) {
  const before = caseOf(page);
  await page.keyboard.press("Control+Enter");
  return arrived(page, before);
}
