// What people outside tell us, from the list to the answer that they read; who works with whom, who has
// which duty, and whether the people are enough. With the keyboard alone where people work all day.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe } from "node:test";
import { assertAxe, assertKeyboardReaches, assertLooks, assertTablesFold, assertWords, settled } from "./support/checks.mjs";
import { it } from "./support/it.mjs";
import { until } from "./support/world.mjs";
import { Visitors } from "./support/visitors.mjs";
import { words } from "./support/words.mjs";
import { MASSES, noticeWorld } from "./support/worlds.mjs";

const MARKUP = '<img src="https://evil.example/x" onerror="window.broken = true"><script>window.broken = true</script>';
const LINK = "https://pictures.example.org/posts/1";
const NAME = "Unmistakable Sendername";

/** What the public pages say of an outcome: there it is written. */
function sentence(outcome, language) {
  const folder = join(process.env.TUTELA_SOURCE_DIR, "web/intake/locales");
  return JSON.parse(readFileSync(join(folder, `${language}.json`), "utf8"))[`outcome.${outcome}`];
}

describe("notices", () => {
  let world;
  const visitors = new Visitors();

  before(async () => {
    world = await noticeWorld();
  });
  after(() => visitors.close());

  const as = (who, at) => visitors.as(world, who, at);

  const heading = (page, number) => page.getByRole("heading", { level: 1, name: words("notices:one_number", { number }) });
  const whole = (id) => world.people.lead.get(`/v1/notices/${id}`);

  it("wait by their promise, danger first on every page, and masses stand apart", async () => {
    const anna = await as("anna");
    const { page } = anna;
    const waits = page.getByRole("navigation", { name: words("common:waits.label") });
    const danger = waits.getByRole("listitem").first();
    await danger.getByText(words("common:waits.notices_imminent")).waitFor();
    assert.equal(await danger.getAttribute("data-kind"), "bad");
    await page.keyboard.press("g");
    await page.keyboard.press("n");
    await page.getByRole("heading", { level: 1, name: words("notices:title") }).waitFor();
    const todo = page.getByRole("table", { name: words("notices:list.todo") });
    await todo.getByRole("row").nth(1).waitFor();
    const first = todo.getByRole("row").nth(1);
    await first.getByText(world.notices.danger.number).waitFor();
    const floods = page.getByRole("table", { name: words("notices:floods.title") });
    await floods.getByRole("row").nth(1).waitFor();
    assert.equal(await floods.getByRole("row").count(), 2, "one line for one source");
    await settled(anna);
    await assertWords(page, "en", "notices");
    await assertLooks(anna, "notices");
    await assertKeyboardReaches(page, "notices");
    await assertTablesFold(anna, "notices");
    await floods.getByRole("link").press("Enter");
    await page.getByText(words("notices:list.of_flood")).waitFor();
    await page.waitForFunction((most) => document.querySelectorAll("[data-table=notices] tbody tr").length === most, MASSES);
    assert.match(page.url(), /\?flood=/);
    await page.reload(); // what is shown is in the address
    await page.waitForFunction((most) => document.querySelectorAll("[data-table=notices] tbody tr").length === most, MASSES);
    assert.equal(await page.evaluate(() => window.pointed), 0);
    anna.assertQuiet();
  });

  it("are read on a screen at 200 % and on a telephone: all of the page scrolls", async () => {
    const anna = await as("anna", "/notices");
    const { page } = anna;
    await page.getByRole("table", { name: words("notices:list.todo") }).getByRole("row").nth(1).waitFor();
    const before = page.viewportSize();
    for (const size of [{ width: 640, height: 400 }, { width: 320, height: 640 }]) {
      await page.setViewportSize(size);
      const { whole, wide, room } = await page.evaluate(() => {
        const { scrollHeight, scrollWidth, clientWidth } = document.scrollingElement;
        const main = document.querySelector(".shell-main");
        return { whole: scrollHeight, wide: scrollWidth - clientWidth, room: main.clientHeight >= main.scrollHeight };
      });
      assert.ok(whole > size.height && wide <= 0 && room, `${size.width}: ${whole} high, ${wide} too wide, ${room}`);
    }
    await page.setViewportSize(before);
    anna.assertQuiet();
  });

  it("are text, whatever a stranger wrote, and a link leads outside only after a warning", async () => {
    const { id, number } = world.notices.hostile;
    const anna = await as("anna", `/notices/${id}`);
    const { page } = anna;
    await heading(page, number).waitFor();
    await page.getByText(MARKUP).first().waitFor();
    assert.equal(await page.evaluate(() => window.broken), undefined);
    const main = page.locator("main");
    assert.equal(await main.locator("img,iframe,object,embed,video,audio").count(), 0);
    assert.deepEqual(await main.locator("a[href]").evaluateAll((all) => all.map((each) => new URL(each.href).origin).filter((each) => each !== window.location.origin)), []);
    await main.getByRole("button", { name: words("notices:outside.button_of", { host: "pictures.example.org" }) }).press("Enter");
    const dialog = page.getByRole("dialog", { name: words("notices:outside.title") });
    const way = dialog.getByRole("link", { name: words("notices:outside.open") });
    await way.waitFor();
    assert.equal(await way.getAttribute("referrerpolicy"), "no-referrer");
    assert.match(await way.getAttribute("rel"), /noopener.*noreferrer/);
    await assertAxe(page, "the warning before a link");
    await page.keyboard.press("Escape");
    await way.waitFor({ state: "detached" });
    await settled(anna);
    await assertWords(page, "en", "notice");
    await assertLooks(anna, "notice");
    await assertKeyboardReaches(page, "notice");
    anna.assertQuiet(); // no request went to another origin, and nothing broke the policy
  });

  it("are taken, asked and answered by keyboard alone; the sender reads what was shown before it was sent", async () => {
    const { id, number, pin } = world.notices.victim;
    const anna = await as("anna", `/notices/${id}`);
    const { page } = anna;
    await page.keyboard.press("t");
    await page.getByText(words("notices:take.mine")).waitFor();
    await page.getByRole("button", { name: words("notices:ask.button"), exact: true }).press("Enter");
    const question = "Auf welcher Seite haben Sie es gesehen?";
    await page.getByLabel(words("notices:ask.field"), { exact: true }).fill(question);
    await page.getByRole("dialog").getByRole("button", { name: words("notices:ask.button"), exact: true }).press("Enter");
    await page.getByText(words("notices:asked.title")).waitFor();
    const follow = (body) => world.button.post("/v1/intake/follow", { number, pin, ...body });
    assert.equal((await follow()).messages.at(-1).text, question);
    await page.locator("h1").focus();
    await page.keyboard.press("a");
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("radio", { name: words("notices:outcome.acted.name") }).press(" ");
    const reads = dialog.getByRole("group", { name: words("notices:reads.label") });
    const told = await reads.locator("[lang=de]").allTextContents();
    assert.equal(told.join("\n\n"), sentence("acted", "de"));
    const own = "Wir denken an Sie.";
    await dialog.getByLabel(words("notices:answer.words"), { exact: true }).fill(own);
    await reads.getByText(own).waitFor();
    await assertAxe(page, "the answer");
    await assertLooks(anna, "notice-answer");
    await page.keyboard.press("Control+Enter");
    await page.getByText(words("notices:given.title")).waitFor();
    const { outcome, answer, state } = await follow();
    assert.deepEqual([outcome, answer, state], ["acted", own, "answered"]);
    assert.equal(await page.evaluate(() => window.pointed), 0);
    anna.assertQuiet();
  });

  it("say when somebody else was faster, and keep what was typed", async () => {
    const { id } = world.notices.raced;
    const anna = await as("anna", `/notices/${id}`);
    const { page } = anna;
    await page.keyboard.press("a");
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("radio", { name: words("notices:outcome.gone.name") }).press(" ");
    await dialog.getByLabel(words("notices:answer.words"), { exact: true }).fill("half a thought");
    let goOn;
    const held = new Promise((resolve) => (goOn = resolve)); // the page must not hear of it too early
    const ofIt = (url) => url.pathname === `/v1/notices/${id}`;
    await page.route(ofIt, async (route) => {
      await held;
      await route.fallback();
    });
    await world.people.lead.post(`/v1/notices/${id}/take`, { version: (await whole(id)).version });
    await page.keyboard.press("Control+Enter");
    goOn();
    await dialog.getByText(words("common:error.notice_changed")).waitFor();
    assert.equal(await dialog.getByLabel(words("notices:answer.words"), { exact: true }).inputValue(), "half a thought");
    assert.equal((await whole(id)).state, "open");
    await until(async () => {
      await page.keyboard.press("Control+Enter");
      return (await whole(id)).state === "answered";
    }, "it is answered with the newer version");
    await page.unroute(ofIt);
    anna.assertQuiet();
  });

  it("of authorities wait until somebody verified them", async () => {
    const { id, number } = world.notices.law;
    const legal = await as("legal", `/notices/${id}`);
    const { page } = legal;
    await page.getByText(words("notices:unverified.title")).waitFor();
    await page.locator("h1").focus();
    await page.keyboard.press("a");
    assert.ok(await page.getByRole("dialog").getByRole("radio", { name: words("notices:outcome.done.name") }).isDisabled());
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: words("notices:verify.genuine.button"), exact: true }).press("Enter");
    const dialog = page.getByRole("dialog", { name: words("notices:verify.genuine.title", { number }) });
    await dialog.getByLabel(words("notices:verify.how"), { exact: true }).fill("called back on the number in their public register");
    await dialog.getByRole("button", { name: words("notices:verify.genuine.button"), exact: true }).press("Enter");
    await giveFreshCode(legal, until(async () => (await whole(id)).verified === "verified", "it is verified"));
    await page.getByText(words("notices:unverified.title")).waitFor({ state: "detached" });
    await settled(legal);
    await assertLooks(legal, "notice-law");
    legal.assertQuiet();
  });

  /** Where it is asked for before it is `done`. */
  async function giveFreshCode(visitor, done) {
    const { page } = visitor;
    const asked = page.getByRole("heading", { name: words("common:stepup.title") });
    const first = await Promise.race([asked.waitFor().then(() => "asked", () => "never"), done.then(() => "done")]);
    if (first === "asked") {
      await page.getByLabel(words("common:stepup.code")).focus();
      await page.keyboard.type(await world.people[visitor.name].code());
      await page.keyboard.press("Enter");
    }
    await done;
  }

  it("open who sent them for a purpose, and only to who may", async () => {
    const { id } = world.notices.hostile;
    const anna = await as("anna", `/notices/${id}`);
    assert.equal(await anna.page.getByRole("button", { name: words("notices:identity.button") }).count(), 0);
    const legal = await as("legal", `/notices/${id}`);
    const { page } = legal;
    await page.getByRole("button", { name: words("notices:identity.button") }).press("Enter");
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel(words("notices:identity.purpose")).selectOption("safety");
    await dialog.getByLabel(words("notices:identity.reason"), { exact: true }).fill("they may be in danger");
    await assertAxe(page, "who sent it");
    await assertLooks(legal, "notice-identity", [{ width: 1280, height: 720 }]);
    await dialog.getByRole("button", { name: words("notices:identity.open"), exact: true }).press("Enter");
    await giveFreshCode(legal, dialog.getByText(NAME).waitFor());
    await dialog.getByText(words("notices:identity.opened")).waitFor();
    await page.keyboard.press("Escape");
    await page.getByText(NAME).waitFor({ state: "detached" });
    assert.equal(await page.evaluate((name) => JSON.stringify({ ...localStorage, ...sessionStorage }).includes(name), NAME), false);
    legal.assertQuiet();
    anna.assertQuiet();
  });

  it("are taken down with their number and PIN shown once", async () => {
    const anna = await as("anna", "/notices");
    const { page } = anna;
    await page.locator("h1").focus();
    await page.keyboard.press("n");
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel(words("notices:paste.text"), { exact: true }).fill(`A caller says: look at ${LINK}9, please.`);
    await assertAxe(page, "taking one down");
    await dialog.getByRole("button", { name: words("notices:paste.send"), exact: true }).press("Enter");
    await dialog.getByText(words("notices:paste.once")).waitFor();
    await dialog.getByText(/^\d{8}$/).waitFor();
    await dialog.getByRole("link", { name: words("notices:paste.open") }).press("Enter");
    await page.getByText(`${LINK}9`, { exact: true }).waitFor();
    anna.assertQuiet();
  });

  it("stand on the page of their case; where there is nothing to view their words are what is decided about", async () => {
    const { id, number } = world.notices.enticed;
    const { case: of } = await until(async () => {
      const notice = await whole(id);
      return notice.case === undefined ? undefined : notice;
    }, "it has a case");
    const anna = await as("anna", `/cases/${of}`);
    const { page } = anna;
    const panel = page.getByRole("region", { name: words("notices:of_case.title") });
    await panel.getByRole("link", { name: number }).waitFor();
    await panel.getByText("what a stranger wrote").waitFor();
    await settled(anna);
    await assertLooks(anna, "case-notices");
    await assertKeyboardReaches(page, "case-notices");
    anna.assertQuiet();
  });

  it("have partners behind them: added, confirmed, ended", async () => {
    const lead = await as("lead", "/partners/new");
    const { page } = lead;
    await page.getByLabel(words("partners:column.name"), { exact: true }).fill("Desk of a hotline");
    await page.getByLabel(words("partners:column.phone"), { exact: true }).fill("+49 30 555 0199");
    await settled(lead);
    await assertLooks(lead, "partner-new");
    await page.getByRole("button", { name: words("partners:new.save"), exact: true }).press("Enter");
    await page.getByRole("heading", { level: 1, name: "Desk of a hotline" }).waitFor();
    await settled(lead);
    await assertLooks(lead, "partner");
    await assertKeyboardReaches(page, "partner");
    await page.getByRole("button", { name: words("partners:confirm.button"), exact: true }).press("Enter");
    await page.getByText(words("partners:confirm.done", { name: "Desk of a hotline" })).waitFor();
    await page.goto("/partners");
    await page.getByRole("rowheader", { name: "Desk of a hotline" }).waitFor();
    await settled(lead);
    await assertLooks(lead, "partners");
    await assertTablesFold(lead, "partners");
    await page.getByRole("link", { name: "Desk of a hotline" }).press("Enter");
    await page.getByRole("button", { name: words("partners:end.button"), exact: true }).press("Enter");
    await page.getByRole("dialog").getByRole("button", { name: words("partners:end.button"), exact: true }).press("Enter");
    await page.getByText(words("partners:state.ended"), { exact: true }).waitFor();
    lead.assertQuiet();
  });

  it("have somebody on duty, and say whether the people are enough", async () => {
    const lead = await as("lead", "/duty");
    const { page } = lead;
    const { anna, bert } = world.people;
    const table = page.getByRole("table", { name: words("duty:by_queue") });
    await table.getByText(words("duty:state.nobody")).first().waitFor();
    await page.getByRole("button", { name: words("duty:change.of", { queue: words("notices:queue.victim") }) }).press("Enter");
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel(words("duty:column.person"), { exact: true }).selectOption(`person:${anna.id}`);
    await dialog.getByLabel(words("duty:column.deputy"), { exact: true }).selectOption(`person:${bert.id}`);
    await dialog.getByRole("button", { name: words("duty:change.save"), exact: true }).press("Enter");
    await table.getByText(words("duty:state.there")).waitFor();
    const absences = page.getByRole("form", { name: words("duty:absences.add") });
    const moment = (hours) => page.evaluate((ms) => new Date(ms - new Date(ms).getTimezoneOffset() * 60_000).toISOString().slice(0, 16), Date.now() + hours * 3_600_000);
    await absences.getByLabel(words("duty:column.person")).selectOption(`person:${anna.id}`);
    await absences.getByLabel(words("duty:column.from")).fill(await moment(6));
    await absences.getByLabel(words("duty:column.until")).fill(await moment(5));
    await absences.getByText(words("duty:backwards")).waitFor();
    await absences.getByLabel(words("duty:column.from")).fill(await moment(-1));
    await absences.getByLabel(words("duty:column.until")).fill(await moment(5));
    await absences.getByRole("button").press("Enter");
    await table.getByText(words("duty:state.deputy")).waitFor();
    await settled(lead);
    await assertLooks(lead, "duty");
    await assertKeyboardReaches(page, "duty");
    await assertTablesFold(lead, "duty");
    await page.goto("/duty/staffing");
    await page.getByText(words("duty:staffing.verdict.unknown")).first().waitFor();
    await settled(lead);
    await assertLooks(lead, "staffing");
    await assertTablesFold(lead, "staffing");
    lead.assertQuiet();
  });

  it("have words in German", async () => {
    const lead = await as("lead", "/notices");
    const { page } = lead;
    await page.evaluate(() => localStorage.setItem("tutela.language", "de"));
    for (const at of ["/notices", `/notices/${world.notices.hostile.id}`, "/partners", "/partners/new", "/duty", "/duty/staffing"]) {
      await page.goto(at);
      await settled(lead);
      await assertWords(page, "de", `${at} in German`);
      await assertAxe(page, `${at} in German`);
    }
    await page.evaluate(() => localStorage.removeItem("tutela.language"));
    lead.assertQuiet();
  });

  it("are no room of who may not read them", async () => {
    const operator = await as("operator", "/notices");
    const { page } = operator;
    await page.getByText(words("common:locked.title", { role: words("common:role.operator") })).waitFor();
    assert.equal(await page.getByRole("link", { name: words("common:room.notices"), exact: true }).count(), 0);
    await page.getByRole("link", { name: words("common:room.partners"), exact: true }).waitFor();
    assert.deepEqual(operator.answers.filter(({ url }) => url?.includes("/v1/notices")), []);
    operator.assertQuiet();
  });
});
