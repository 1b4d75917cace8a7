// Every page, for somebody who has it: axe, keyboard, pictures, words in both languages.
import assert from "node:assert/strict";
import { after, before, describe } from "node:test";
import { Visitor } from "./support/browser.mjs";
import { assertKeyboardReaches, assertLooks, assertTablesFold, assertWords, settled } from "./support/checks.mjs";
import { it } from "./support/it.mjs";
import { signIn } from "./support/sign_in.mjs";
import { CASES, easyWorld } from "./support/worlds.mjs";

const first = async (person, path) => (await person.get(path)).items[0];
const firstId = async (person, path) => (await first(person, path)).id;

/** Who has which page; where an address holds an id, it is asked for when it is needed. */
const PAGES = [
  { who: "anna", name: "overview", at: "/" },
  { who: "anna", name: "exposure", at: "/exposure" },
  { who: "anna", name: "support", at: "/support" },
  { who: "anna", name: "not-found", at: "/nowhere" },
  { who: "anna", name: "not-this-role", at: "/people" },
  { who: "lead", name: "queue", at: "/queue" },
  { who: "lead", name: "queue-bulk", at: "/queue?needs_view=false" },
  { who: "lead", name: "cases", at: "/cases" },
  { who: "lead", name: "case", at: async ({ lead }) => `/cases/${await firstId(lead, "/v1/cases?state=open")}` },
  { who: "lead", name: "case-decided", at: async ({ lead }) => `/cases/${await firstId(lead, "/v1/cases?state=decided")}` },
  { who: "lead", name: "appeals", at: "/appeals" },
  { who: "lead", name: "actions", at: "/actions" },
  { who: "lead", name: "evidence", at: "/evidence" },
  { who: "lead", name: "evidence-object", at: async ({ lead }) => `/evidence/objects/${await firstId(lead, "/v1/evidence")}` },
  { who: "legal", name: "evidence-ends", at: "/evidence/ends" },
  { who: "legal", name: "evidence-holds", at: "/evidence/holds" },
  { who: "legal", name: "evidence-requests", at: "/evidence/requests" },
  { who: "legal", name: "evidence-break-glass", at: "/evidence/break-glass" },
  { who: "legal", name: "evidence-disclosures", at: "/evidence/disclosures" },
  { who: "operator", name: "lists", at: "/lists" },
  { who: "operator", name: "list", at: async ({ operator }) => `/lists/list/${await firstId(operator, "/v1/lists")}` },
  { who: "operator", name: "list-new", at: "/lists/new" },
  { who: "operator", name: "rescans", at: "/lists/rescans" },
  { who: "operator", name: "coverage", at: "/coverage" },
  { who: "operator", name: "coverage-counts", at: "/coverage/counts" },
  { who: "lead", name: "coverage-bands", at: "/coverage/bands" },
  { who: "auditor", name: "coverage-alarms", at: "/coverage/alarms" },
  { who: "legal", name: "coverage-review", at: "/coverage/review" },
  { who: "lead", name: "team", at: "/team" },
  { who: "root", name: "people", at: "/people" },
  { who: "lead", name: "people-cases", at: "/people/cases" },
  { who: "root", name: "people-limits", at: "/people/limits" },
  { who: "root", name: "people-roles", at: "/people/roles" },
  { who: "auditor", name: "audit", at: "/audit" },
  { who: "auditor", name: "audit-entry", at: "/audit/entry/0" },
  { who: "auditor", name: "audit-checkpoint", at: "/audit/checkpoint" },
  { who: "operator", name: "settings", at: "/settings" },
  { who: "operator", name: "settings-configuration", at: "/settings/configuration" },
];

/** Rooms whose tables are read on a tablet and on a telephone. */
const FOLDS = new Set(["overview", "queue", "queue-bulk", "cases", "actions", "evidence", "evidence-requests", "people", "people-cases", "coverage", "coverage-counts", "coverage-bands", "coverage-alarms"]);

describe("every page", () => {
  let world;
  const visitors = new Map();

  before(async () => {
    world = await easyWorld();
    await world.upload(CASES - 2, CASES); // whatever was decided before: one that waits, one that is decided
    const { bert } = world.people;
    const { id } = await first(bert, "/v1/cases?state=open");
    const { version } = await bert.post(`/v1/cases/${id}/lock`, {});
    const body = { version, verdict: { outcome: "cleared", note: "a tree" } };
    await bert.post(`/v1/cases/${id}/decision`, body, { "Idempotency-Key": "one" });
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
      await page.goto(typeof at === "string" ? at : await at(world.people));
      await settled(visitor);
      const problems = [];
      const check = (run) => run.catch((thrown) => problems.push(thrown.message));
      await check(assertWords(page, "en", name));
      await check(assertLooks(visitor, name));
      await check(assertKeyboardReaches(page, name));
      if (FOLDS.has(name)) {
        await check(assertTablesFold(visitor, name));
      }
      await page.evaluate(() => localStorage.setItem("tutela.language", "de"));
      await page.reload();
      await settled(visitor);
      await check(assertWords(page, "de", `${name} in German`));
      await page.evaluate(() => localStorage.removeItem("tutela.language"));
      assert.deepEqual(problems, []);
      visitor.assertQuiet();
    });
  }
});
