// Two who decide differently, a lead who resolves it, and a shift that is over.
import assert from "node:assert/strict";
import { after, before, describe } from "node:test";
import { GRADES, arrived, isThere, judge, step, stepTo, submitAndNext } from "./support/case_page.mjs";
import { Visitor } from "./support/browser.mjs";
import { assertLooks, settled } from "./support/checks.mjs";
import { it } from "./support/it.mjs";
import { signIn } from "./support/sign_in.mjs";
import { until } from "./support/world.mjs";
import { words } from "./support/words.mjs";
import { strictWorld } from "./support/worlds.mjs";

describe("where one person is not enough", () => {
  let world;
  const visitors = [];

  before(async () => {
    world = await strictWorld();
  });
  after(async () => {
    for (const visitor of visitors) {
      await visitor.close();
    }
  });

  async function open(name, at) {
    const visitor = await Visitor.open(world.server, name);
    visitors.push(visitor);
    await signIn(visitor, world.people[name], at);
    return visitor;
  }

  it("two disagree, and a lead resolves it", async () => {
    await world.upload(0, 1);
    const [{ id }] = await world.people.lead.all("/v1/cases");
    for (const [name, verdict] of [["anna", "B1"], ["bert", "cleared"]]) {
      const { page } = await open(name, `/cases/${id}`);
      await isThere(page, id);
      await page.keyboard.press("l");
      await page.getByText(words("case:lock.mine")).waitFor();
      if (verdict !== "cleared") {
        await stepTo(page, "outline");
      }
      await judge(page, verdict);
      await submitAndNext(page);
    }
    assert.equal((await world.people.lead.get(`/v1/cases/${id}`)).case.state, "disagreement");
    const lead = await open("lead", "/");
    const { page } = lead;
    await page.getByRole("navigation", { name: words("common:waits.label") })
      .getByRole("link", { name: words("common:waits.disagreements") }).press("Enter");
    await page.getByRole("row").getByRole("link").first().press("Enter");
    await page.getByText(words("case:notice.disagreement")).waitFor();
    await page.keyboard.press("l");
    await page.getByText(words("case:lock.mine")).waitFor();
    await stepTo(page, "mosaic");
    await settled(lead);
    await assertLooks(lead, "disagreement", [{ width: 1280, height: 720 }]);
    await judge(page, "B2");
    await submitAndNext(page);
    const { case: decided, decisions } = await world.people.lead.get(`/v1/cases/${id}`);
    assert.equal(decided.classification, "B2");
    assert.deepEqual(decisions.map(({ name }) => name), ["anna", "bert", "lead"]);
  });

  it("the shift's points run out: views stop, kindly, and the page says who helps", async () => {
    await world.upload(1, 6);
    const visitor = await open("cara", "/queue");
    const { page } = visitor;
    await page.getByRole("heading", { level: 1, name: words("queue:title") }).waitFor();
    await settled(visitor);
    await page.keyboard.press("n");
    let isOver = false;
    for (let id = await arrived(page); id !== undefined && !isOver; ) {
      for (const grade of GRADES) {
        isOver = !(await canPay(id, grade));
        if (isOver) {
          break;
        }
        await step(page, grade);
      }
      if (!isOver) {
        await judge(page, "cleared");
        id = await submitAndNext(page);
      }
    }
    assert.ok(isOver, "the cases ended before the points did");
    await page.keyboard.press(".");
    const alert = page.getByRole("alert");
    await alert.first().waitFor();
    await assertLooks(visitor, "budget-over", [{ width: 1280, height: 720 }]);
    const { points, points_max } = await world.people.cara.get("/v1/exposure");
    assert.ok(points <= points_max);
    await alert.getByRole("link", { name: words("case:paused.support") }).press("Enter");
    await page.getByText("Counsellor on call").waitFor();
    await page.getByRole("link", { name: "+49 30 555 0100" }).waitFor();
  });

  /** Whether this grade still fits into the shift. */
  async function canPay(id, grade) {
    const { cara } = world.people;
    const { items } = await cara.get(`/v1/cases/${id}`);
    const { grades } = await cara.get(`/v1/evidence/${items[0].evidence_id}/costs`);
    const { points, points_max: most } = await cara.get("/v1/exposure");
    return points + grades[grade] <= most;
  }
});
