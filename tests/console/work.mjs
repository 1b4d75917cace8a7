// Thirty cases by keyboard alone, a race for one, a session that ends in between, and who sees what.
import assert from "node:assert/strict";
import { after, before, describe } from "node:test";
import { arrived, caseOf, judge, planned, stepTo, submitAndNext } from "./support/case_page.mjs";
import { Visitor } from "./support/browser.mjs";
import { recorded } from "./support/record.mjs";
import { it } from "./support/it.mjs";
import { giveCode, givePassword, signIn } from "./support/sign_in.mjs";
import { until } from "./support/world.mjs";
import { words } from "./support/words.mjs";
import { CASES, PICTURES, easyWorld } from "./support/worlds.mjs";

const CLASSES = ["B2", "A1", "cleared", "B1", "A2"];
const decisionsOf = async (person, id) => (await person.get(`/v1/cases/${id}`)).decisions;

describe("reviewing", () => {
  let world;
  let anna;
  let bert;

  before(async () => {
    world = await easyWorld();
    anna = await Visitor.open(world.server, "anna");
    bert = await Visitor.open(world.server, "bert");
    await anna.context.addInitScript(() => {
      window.pointed = 0;
      document.addEventListener("pointerdown", () => (window.pointed += 1), true);
    });
  });
  after(async () => {
    await anna?.close();
    await bert?.close();
  });

  const toQueue = async (page) => {
    await page.keyboard.press("g");
    await page.keyboard.press("q");
    await page.getByRole("heading", { level: 1, name: words("queue:title") }).waitFor();
  };
  const take = async (page) => {
    await toQueue(page);
    await page.keyboard.press("n");
  };

  it(`goes through ${CASES} cases by keyboard alone, and takes one decision back`, async () => {
    const { page } = anna;
    // Six that lists of trust name exactly, twenty that are near, four that people reported of themselves.
    await world.upload(0, CASES - 4);
    await world.upload(PICTURES - 4, PICTURES);
    await signIn(anna, world.people.anna);
    await take(page);
    const seen = new Map();
    let undone;
    for (let id = await arrived(page), count = 0; id !== undefined; ++count) {
      assert.ok(count <= CASES, "more cases than there are");
      const { case: now } = await world.people.anna.get(`/v1/cases/${id}`);
      assert.equal(now.lock?.mine, true);
      const looks = now.needs_view && count % 3 !== 2; // nobody has to, except to confirm
      if (looks) {
        await stepTo(page, count % 10 === 0 ? "full" : count % 10 === 1 ? "grey_blurred" : "outline");
      }
      const verdict = looks ? CLASSES[count % CLASSES.length] : now.needs_view ? "cleared" : "confirmed";
      await judge(page, verdict);
      seen.set(id, verdict);
      id = await submitAndNext(page);
      if (count === 9) {
        undone = [...seen.keys()].at(-1);
        await page.keyboard.press("u");
        await page.getByText(words("case:undo.done")).waitFor();
        const [decision] = await decisionsOf(world.people.anna, undone);
        assert.ok(decision.undone_at !== undefined);
      }
    }
    assert.equal(seen.size, CASES);
    assert.equal(await page.evaluate(() => window.pointed), 0);
    for (const [id, verdict] of seen) {
      const decisions = (await decisionsOf(world.people.anna, id)).filter((each) => each.undone_at === undefined);
      assert.equal(decisions.length, 1, id);
      const said = decisions[0].outcome === "cleared" ? "cleared" : decisions[0].classification || "confirmed";
      assert.equal(said, verdict, id);
    }
    assert.equal((await decisionsOf(world.people.anna, undone)).length, 2);
    anna.assertQuiet();
  });

  it("gives a case to one of two who race for it, and tells the other who has it", async () => {
    await world.upload(CASES - 4, CASES - 3);
    await signIn(bert, world.people.bert, "/queue");
    await toQueue(anna.page);
    await bert.page.getByRole("heading", { level: 1, name: words("queue:title") }).waitFor();
    const first = [anna, bert].map(({ page }) => page.keyboard.press("n"));
    await Promise.all(first);
    const winner = await until(() => [anna, bert].find(({ page }) => caseOf(page) !== undefined), "somebody has the case");
    const loser = winner === anna ? bert : anna;
    const id = caseOf(winner.page);
    await loser.page.getByText(words("case:take.nothing")).first().waitFor();
    await loser.page.goto(`/cases/${id}`);
    await loser.page.getByText(words("case:lock.theirs", { name: winner.name })).waitFor();
    await loser.page.getByText(words("case:why_not.locked", { name: winner.name })).first().waitFor();
    const refused = world.people[loser.name].post(`/v1/cases/${id}/lock`, {});
    await assert.rejects(refused, { code: "case.locked" });
    await judge(winner.page, "cleared");
    await submitAndNext(winner.page);
  });

  it("loses nothing when the session ends in the middle of a decision", async () => {
    await world.upload(CASES - 3, CASES - 2);
    const { page } = bert;
    await take(page);
    const id = await arrived(page);
    await stepTo(page, "outline");
    await judge(page, "A1");
    await page.keyboard.press("r");
    await page.keyboard.type("half of what there is to say");
    const other = await bert.newPage();
    await other.goto("/support");
    await other.getByRole("button", { name: "bert" }).focus();
    await other.keyboard.press("Enter");
    const leave = other.getByRole("button", { name: words("common:menu.sign_out"), exact: true });
    await leave.focus();
    await page.keyboard.type(", and the other half");
    await other.keyboard.press("Enter"); // before a draft of that was kept
    await other.getByRole("heading", { name: words("signin:title") }).waitFor();
    await other.close();
    await page.getByRole("heading", { name: words("signin:ended.title") }).waitFor();
    await givePassword(page, world.people.bert);
    await giveCode(page, await world.people.bert.code());
    const note = page.getByRole("textbox", { name: words("case:verdict.note") });
    const said = "half of what there is to say, and the other half";
    await note.waitFor();
    assert.equal(await note.inputValue(), said);
    await until(async () => (await world.people.bert.get(`/v1/cases/${id}/draft`)).body.includes(said), "the draft is kept");
    await page.reload();
    await page.waitForFunction(([text]) => document.querySelector("textarea")?.value === text, [said]);
    await planned(page);
    await page.keyboard.press("Control+Enter");
    await arrived(page, id);
    const [decision] = await decisionsOf(world.people.bert, id);
    assert.deepEqual([decision.note, decision.classification], [said, "A1"]);
    bert.assertQuiet();
  });

  it("shows contractors the cases that are theirs and no others", async () => {
    const { contractor, lead } = world.people;
    const [own, another] = (await lead.all("/v1/cases?limit=200")).map(({ id }) => id);
    await lead.call("PUT", `/v1/assignees/${contractor.id}/cases/${own}`);
    const visitor = await Visitor.open(world.server, "contractor");
    const { page } = visitor;
    await signIn(visitor, contractor, "/cases");
    const links = page.getByRole("row").getByRole("link");
    await links.first().waitFor();
    assert.deepEqual(await links.evaluateAll((all) => all.map((one) => one.getAttribute("href"))), [`/cases/${own}`]);
    await page.goto(`/cases/${another}`);
    await page.getByRole("alert").first().waitFor();
    assert.equal(await page.getByRole("region", { name: words("case:verdict.title") }).count(), 0);
    await page.goto(`/cases/${own}`);
    await page.getByRole("region", { name: words("case:verdict.title") }).waitFor();
    await visitor.close();
  });

  it("shows an auditor every view, and no pixel", async () => {
    const { auditor } = world.people;
    const before = recorded();
    assert.ok(before.images > 20);
    const visitor = await Visitor.open(world.server, "auditor");
    const { page } = visitor;
    await signIn(visitor, auditor, "/audit?action=evidence.view");
    const entries = await auditor.all("/v1/audit/entries?action=evidence.view&limit=1000");
    assert.equal(entries.filter(({ result }) => result === "ok").length, before.images);
    const rows = page.locator("tbody tr");
    let shown = 0;
    for (let more = true; more; ) {
      await rows.first().waitFor();
      shown += await rows.count();
      const next = page.getByRole("button", { name: words("common:table.next") });
      more = (await next.count()) > 0 && (await next.isEnabled());
      if (more) {
        const was = await rows.first().getAttribute("data-key");
        await next.press("Enter");
        await page.waitForFunction((key) => document.querySelector("tbody tr")?.dataset.key !== key, was);
      }
    }
    assert.equal(shown, entries.length);
    const [evidence] = entries.map(({ object }) => object.replace("evidence:", ""));
    const asked = auditor.post(`/v1/evidence/${evidence}/view-links`, { case: "c", purpose: "review", grade: "outline" });
    await assert.rejects(asked, { status: 403 });
    assert.equal(recorded().images, before.images);
    await visitor.close();
  });
});
