// Every page, for somebody who has it: axe, keyboard, pictures, words in both languages.
import { after, before, describe, it } from "node:test";
import { Visitor } from "./support/browser.mjs";
import { assertKeyboardReaches, assertLooks, assertWords, settled } from "./support/checks.mjs";
import { signIn } from "./support/sign_in.mjs";
import { easyWorld } from "./support/worlds.mjs";

/** Who has which page; `at` of a case is asked for when it is needed. */
const PAGES = [
  { who: "anna", name: "overview", at: "/" },
  { who: "anna", name: "exposure", at: "/exposure" },
  { who: "anna", name: "support", at: "/support" },
  { who: "anna", name: "not-found", at: "/nowhere" },
  { who: "lead", name: "queue", at: "/queue" },
  { who: "lead", name: "cases", at: "/cases" },
  { who: "lead", name: "appeals", at: "/appeals" },
  { who: "lead", name: "actions", at: "/actions" },
  { who: "lead", name: "evidence", at: "/evidence" },
  { who: "lead", name: "lists", at: "/lists" },
  { who: "lead", name: "coverage", at: "/coverage" },
  { who: "lead", name: "team", at: "/team" },
  { who: "root", name: "people", at: "/people" },
  { who: "auditor", name: "audit", at: "/audit" },
  { who: "operator", name: "settings", at: "/settings" },
];

describe("every page", () => {
  let world;
  const visitors = new Map();

  before(async () => {
    world = await easyWorld();
  });
  after(async () => {
    for (const visitor of visitors.values()) {
      await visitor.close();
    }
  });

  async function as(who) {
    if (!visitors.has(who)) {
      const visitor = await Visitor.open(world.server, who);
      await signIn(visitor, world.people[who]);
      visitors.set(who, visitor);
    }
    return visitors.get(who);
  }

  for (const { who, name, at } of PAGES) {
    it(`${name} passes axe in both themes, works without a mouse, and has words in both languages`, async () => {
      const visitor = await as(who);
      const { page } = visitor;
      await page.goto(at);
      await settled(visitor);
      await assertWords(page, "en", name);
      await assertLooks(visitor, name);
      await assertKeyboardReaches(page, name);
      await page.evaluate(() => localStorage.setItem("tutela.language", "de"));
      await page.reload();
      await settled(visitor);
      await assertWords(page, "de", `${name} in German`);
      await page.evaluate(() => localStorage.removeItem("tutela.language"));
      visitor.assertQuiet();
    });
  }
});
