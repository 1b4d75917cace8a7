// From a confirmed case to the authority's receipt, by two people and with the keyboard alone; what
// an auditor sees of it; every page of the room. The authority is Tutela's own simulator.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe } from "node:test";
import { assertKeyboardReaches, assertLooks, assertTablesFold, assertWords, settled } from "./support/checks.mjs";
import { it } from "./support/it.mjs";
import { until } from "./support/world.mjs";
import { Visitors } from "./support/visitors.mjs";
import { words } from "./support/words.mjs";
import { reportWorld } from "./support/worlds.mjs";

const FUTURE = "2099-01-01T00:00:00Z";

describe("reports to authorities", () => {
  let world;
  const visitors = new Visitors();

  before(async () => {
    world = await reportWorld();
  });
  after(() => visitors.close());

  const as = (who, at) => visitors.as(world, who, at);

  /** The draft of a case that a reviewer confirmed. */
  async function draftOf(at) {
    const { anna, lead, legal } = world.people;
    await world.upload(at, at + 1);
    const [{ id }] = (await lead.get("/v1/cases?state=open")).items;
    const { version } = await anna.post(`/v1/cases/${id}/lock`, {});
    const body = { version, verdict: { outcome: "confirmed" } };
    await anna.post(`/v1/cases/${id}/decision`, body, { "Idempotency-Key": `confirm-${at}` });
    return until(async () => (await legal.get(`/v1/reports?case=${id}`)).items[0], "the case has a draft");
  }

  const heading = (page, id) => page.getByRole("heading", { level: 1, name: words("reports:one", { id: id.slice(-8) }) });
  const reportOf = async (id) => (await world.people.legal.get(`/v1/reports/${id}`)).report;

  /** Typed over what stands there. */
  async function type(page, name, text) {
    const field = page.getByLabel(words(name), { exact: true });
    await field.focus();
    await page.keyboard.press("ControlOrMeta+a");
    await page.keyboard.type(text);
  }

  async function release(visitor, id) {
    const { page } = visitor;
    await page.locator("h1").focus(); // keys of the page are not those of a field
    await page.keyboard.press("r");
    const dialog = page.getByRole("dialog");
    await dialog.getByText(words("reports:release.to_simulated")).waitFor();
    await dialog.getByText(words("reports:release.nobody_one")).waitFor();
    const before = (await reportOf(id)).state;
    await page.keyboard.press("Control+Enter");
    const asked = page.getByRole("heading", { name: words("common:stepup.title") });
    const done = until(async () => (await reportOf(id)).state !== before, "it is released");
    const first = await Promise.race([asked.waitFor().then(() => "asked", () => "never"), done.then(() => "done")]);
    if (first === "asked") {
      await page.getByLabel(words("common:stepup.code")).focus();
      await page.keyboard.type(await world.people[visitor.name].code());
      await page.keyboard.press("Enter");
      await done;
    }
  }

  it("has a form for every element that the server knows", async () => {
    const fixture = join(process.env.TUTELA_SOURCE_DIR, "web/console/src/pages/reports/form.fixture.json");
    assert.deepEqual(await world.people.legal.get("/v1/reports/form"), JSON.parse(readFileSync(fixture, "utf8")));
  });

  it("become finished ones by two people and by keyboard alone, and what is missing is jumped to", async () => {
    const { id } = await draftOf(0);
    const lead = await as("lead");
    const { page } = lead;
    await page.keyboard.press("g");
    await page.keyboard.press("f");
    await page.getByRole("heading", { level: 1, name: words("reports:title") }).waitFor();
    await page.getByRole("row").getByRole("link").first().waitFor();
    await page.keyboard.press("j");
    await page.keyboard.press("Enter");
    await heading(page, id).waitFor();
    await page.getByText(words("reports:missing.nothing")).waitFor();
    const when = page.getByLabel(words("reportform:field.incidentDateTime"), { exact: true });
    const known = await when.inputValue();
    await type(page, "reportform:field.incidentDateTime", FUTURE);
    await page.keyboard.press("Control+Enter");
    await page.getByText(words("reports:missing.some_one")).waitFor();
    await page.getByRole("button", { name: words("reports:release.button") }).and(page.locator("[aria-disabled=true]")).waitFor();
    await page.locator("h1").focus();
    await page.keyboard.press("m");
    await page.waitForFunction((text) => document.activeElement?.value === text, FUTURE);
    await type(page, "reportform:field.incidentDateTime", known);
    await type(page, "reportform:field.platform", "Example Pictures for phones");
    await page.keyboard.press("Control+Enter");
    await page.getByText(words("reports:missing.nothing")).waitFor();
    await page.getByText(words("reports:save.unsaved")).waitFor({ state: "detached" });
    const { body } = await world.people.lead.get(`/v1/reports/${id}/document`);
    assert.equal(body.report.incidentSummary.platform, "Example Pictures for phones");
    assert.equal(body.report.incidentSummary.incidentDateTime, known);
    assert.equal(body.files[0].fileViewedByEsp, false);
    await type(page, "reportform:field.platform", "half a word");
    await page.getByRole("link", { name: words("common:room.cases"), exact: true }).press("Enter");
    await page.getByRole("heading", { level: 1, name: words("case:list.title") }).waitFor();
    await page.goBack();
    await page.getByText(words("reports:save.unsaved")).waitFor();
    assert.equal(await page.getByLabel(words("reportform:field.platform"), { exact: true }).inputValue(), "half a word");
    await page.getByRole("button", { name: words("reports:save.discard") }).press("Enter");
    const printed = await page.context().request.get(`/v1/reports/${id}/page`);
    assert.equal(printed.status(), 200);
    assert.match(await printed.text(), /Example Pictures for phones/);
    await release(lead, id);
    await page.getByText(words("reports:notice.asked_own")).waitFor();
    await page.getByRole("button", { name: words("reports:release.second_button") }).and(page.locator("[aria-disabled=true]")).waitFor();
    const legal = await as("legal", "/evidence/requests");
    await legal.page.getByRole("link", { name: words("evidence:request.kind.release_report") }).press("Enter");
    await legal.page.getByText(words("evidence:obstacle.by_release")).waitFor();
    await legal.page.locator(`a[href="/reports/${id}"]`).press("Enter");
    await legal.page.getByText(words("reports:notice.asked", { name: "lead" })).waitFor();
    await release(legal, id);
    await legal.page.getByText(words("reports:receipt.simulated")).waitFor();
    await legal.page.getByText(words("reports:step.finish"), { exact: true }).waitFor();
    for (const visitor of [lead, legal]) {
      assert.equal(await visitor.page.evaluate(() => window.pointed), 0);
      visitor.assertQuiet();
    }
    const { reference, state } = await reportOf(id);
    assert.equal(state, "finished");
    const there = (await world.simulator.reports()).filter((each) => String(each.id) === reference);
    assert.deepEqual(there.map((each) => each.state), ["finished"]);
    const { case: of } = await world.people.lead.get(`/v1/cases/${(await reportOf(id)).case}`);
    assert.equal(of.reported_at, undefined, "what the simulator took is not filed");
  });

  it("are withdrawn with a reason, and drafted anew from the page of their case", async () => {
    const report = await draftOf(1);
    const legal = await as("legal", `/reports/${report.id}`);
    const { page } = legal;
    await page.getByRole("button", { name: words("reports:withdraw.button") }).press("Enter");
    await page.getByLabel(words("reports:withdraw.reason")).fill("filed by a partner");
    await page.keyboard.press("Tab");
    await page.getByRole("dialog").getByRole("button", { name: words("reports:withdraw.button") }).press("Enter");
    await page.getByText(words("reports:state.withdrawn"), { exact: true }).first().waitFor();
    await page.goto(`/cases/${report.case}`);
    await page.getByRole("button", { name: words("reports:case.draft") }).press("Enter");
    await page.waitForURL(/\/reports\/[0-9a-f-]{36}$/);
    const made = page.url().split("/").at(-1);
    assert.notEqual(made, report.id);
    assert.equal((await reportOf(made)).case, report.case);
    await page.goto(`/cases/${report.case}`);
    await page.getByRole("link", { name: words("reports:case.report", { name: "NCMEC CyberTipline" }) }).first().waitFor();
    legal.assertQuiet();
  });

  it("of text alone begin with the type of incident", async () => {
    const legal = await as("legal", "/reports/new");
    const { page } = legal;
    const incident = "Online Enticement of Children for Sexual Acts";
    await page.getByLabel(words("reports:new.incident")).selectOption(incident);
    await page.getByLabel(words("reports:new.when"), { exact: true }).fill("2026-01-05T11:00");
    await page.getByLabel(words("reports:new.account"), { exact: true }).fill("account-text");
    await page.getByRole("button", { name: words("reports:new.create") }).press("Enter");
    await page.waitForURL(/\/reports\/[0-9a-f-]{36}$/);
    const made = page.url().split("/").at(-1);
    const { body } = await world.people.legal.get(`/v1/reports/${made}/document`);
    assert.equal(body.report.incidentSummary.incidentType, incident);
    assert.equal(Date.parse(body.report.incidentSummary.incidentDateTime), Date.parse("2026-01-05T10:00:00Z"));
    legal.assertQuiet();
  });

  it("are a register to an auditor, without a document", async () => {
    const auditor = await as("auditor", "/reports");
    const { page } = auditor;
    await page.getByRole("heading", { level: 1, name: words("reports:register.title") }).waitFor();
    const [entry] = (await world.people.auditor.get("/v1/reports/register")).items;
    await page.getByRole("rowheader", { name: entry.reference }).waitFor();
    assert.equal(await page.getByRole("row").getByRole("link").count(), 0);
    await page.goto(`/reports/${entry.id}`);
    await page.getByRole("heading", { level: 1, name: words("reports:register.title") }).waitFor();
    await assert.rejects(world.people.auditor.get(`/v1/reports/${entry.id}`), { status: 403 });
    auditor.assertQuiet();
  });

  const stateId = async (state) => (await world.people.legal.get(`/v1/reports?state=${state}`)).items[0].id;
  const PAGES = [
    { who: "legal", name: "reports", at: () => "/reports", folds: true },
    { who: "legal", name: "reports-filtered", at: () => "/reports?state=draft", folds: true },
    { who: "legal", name: "report-draft", at: async () => `/reports/${await stateId("draft")}` },
    { who: "legal", name: "report-finished", at: async () => `/reports/${await stateId("finished")}` },
    { who: "legal", name: "report-new", at: () => "/reports/new" },
    { who: "auditor", name: "reports-register", at: () => "/reports/register", folds: true },
  ];
  for (const { who, name, at, folds } of PAGES) {
    it(`${name} passes axe in both themes, works without a mouse, and has words in both languages`, async () => {
      const visitor = await as(who, await at());
      const { page } = visitor;
      const problems = [];
      const check = (run) => run.catch((thrown) => problems.push(thrown.message));
      await check(assertWords(page, "en", name));
      await check(assertLooks(visitor, name));
      await check(assertTablesFold(visitor, name));
      await check(assertKeyboardReaches(page, name));
      await page.evaluate(() => localStorage.setItem("tutela.language", "de"));
      await page.reload();
      await settled(visitor);
      await check(assertWords(page, "de", `${name} in German`));
      await page.evaluate(() => localStorage.removeItem("tutela.language"));
      assert.deepEqual(problems, []);
      assert.ok(!folds || (await page.locator(".table-box").count()) > 0);
      visitor.assertQuiet();
    });
  }
});
