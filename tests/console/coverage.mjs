// Is detection on: what the strip says and to whom, canaries that really went through the door, an
// alarm from the moment it is raised to its line in the history, and counts that leave canaries out.
import assert from "node:assert/strict";
import { after, before, describe } from "node:test";
import { Visitor } from "./support/browser.mjs";
import { assertLooks, settled } from "./support/checks.mjs";
import { it } from "./support/it.mjs";
import { Client } from "./support/people.mjs";
import { signIn } from "./support/sign_in.mjs";
import { World, until } from "./support/world.mjs";
import { words } from "./support/words.mjs";

const FORMATS = ["jpeg", "png"];
const ALARM_MS = 60_000; // as is promised
const PICTURES = 3;

describe("coverage", () => {
  let world;
  const visitors = [];

  before(async () => {
    world = await World.make(
      { "watch.canary_seconds": 2, "watch.canary_formats": FORMATS.join(" ") },
      { lead: "lead", auditor: "auditor", operator: "operator", anna: "reviewer" },
      PICTURES,
    );
    await world.list("known", { classification: "B2", purpose: "known_csam" }, [world.exact(0)]);
    for (let at = 0; at < PICTURES; ++at) {
      await world.scan(at, "?source=post");
    }
  });
  after(async () => {
    for (const visitor of visitors) {
      await visitor.close();
    }
    await world?.close();
  });

  async function open(name, at) {
    const visitor = await Visitor.open(world.server, name);
    visitors.push(visitor);
    await signIn(visitor, world.people[name], at);
    return visitor;
  }

  const strip = (page) => page.getByRole("region", { name: words("common:strip.label") });
  const table = (page, name) => page.getByRole("table", { name: words(name), exact: true });
  const is = (state) =>
    until(async () => (await world.people.operator.get("/v1/coverage")).state === state, `detection is ${state}`, ALARM_MS);

  it("says that doors are watched and when the last canary came back", async () => {
    await until(async () => {
      const { canaries } = await world.people.operator.get("/v1/coverage");
      return canaries.length === FORMATS.length && canaries.every(({ last, good }) => last === "good" && good > 0);
    }, "canaries of both formats came back");
    await is("ok");
    const visitor = await open("operator", "/coverage");
    const { page } = visitor;
    await strip(page).getByText(words("common:strip.state.on")).waitFor();
    await strip(page).getByText(words("common:strip.canary")).waitFor();
    await strip(page).getByText(words("common:strip.lists_one", { "count": 1 })).waitFor();
    for (const format of FORMATS) {
      const row = table(page, "coverage:canary.title").getByRole("row").filter({ has: page.getByRole("rowheader", { name: `http, ${format}` }) });
      await row.getByText(words("coverage:canary.good"), { exact: true }).waitFor();
      await row.getByText("100%").waitFor();
      await row.getByRole("img").waitFor();
    }
    await settled(visitor);
    await assertLooks(visitor, "watch-on");
    visitor.assertQuiet();
  });

  it("tells who does not read coverage that detection is on, and nothing of canaries", async () => {
    const visitor = await open("anna", "/");
    const { page } = visitor;
    await strip(page).getByText(words("common:strip.state.on")).waitFor();
    assert.equal(await strip(page).getByText(words("common:strip.canary")).count(), 0);
    assert.equal(await page.getByRole("link", { name: words("common:room.coverage"), exact: true }).count(), 0);
    const asked = visitor.answers.filter(({ url }) => url?.includes("/v1/coverage"));
    assert.deepEqual(asked, []);
    visitor.assertQuiet();
  });

  it("counts what people sent, and no canary", async () => {
    const visitor = await open("auditor", "/coverage/counts");
    const { page } = visitor;
    const row = table(page, "coverage:door.by").getByRole("row").filter({ has: page.getByRole("rowheader", { name: "http" }) });
    await row.waitFor();
    const cells = await row.getByRole("cell").allTextContents();
    // One more picture was sent before the list was tried.
    assert.deepEqual(cells.slice(0, 3), [String(PICTURES + 1), String(PICTURES), "1"], "arrived, no match, match");
    await settled(visitor);
    await assertLooks(visitor, "watch-counts");
    visitor.assertQuiet();
  });

  it("an alarm is said on every page, in sentences on this one, and leaves its lines", async () => {
    const list = new Client(world.server, await world.server.token("lists"));
    await list.post("/v1/lists/known/deactivate");
    await is("blind");
    const visitor = await open("operator", "/settings");
    const { page } = visitor;
    await strip(page).getByText(words("common:strip.state.off")).waitFor();
    await strip(page).getByRole("link", { name: words("common:reason.lists_none_active") }).waitFor();
    await page.goto("/coverage");
    const alarm = page.getByRole("list", { name: words("coverage:alarm.now") }).getByRole("listitem").filter({
      has: page.getByRole("heading", { level: 3, name: words("common:reason.lists_none_active") }),
    });
    for (const part of ["happened", "safe", "do"]) {
      await alarm.getByText(words(`alarms:code.lists_none_active.${part}`)).waitFor();
    }
    await alarm.getByRole("link", { name: words("coverage:alarm.way.lists") }).waitFor();
    await settled(visitor);
    await assertLooks(visitor, "watch-blind");

    const anna = await open("anna", "/");
    await strip(anna.page).getByText(words("common:reason.lists_none_active")).waitFor();
    assert.equal(await strip(anna.page).getByRole("link").count(), 0, "a reviewer has neither lists nor coverage");

    for (const token of ["lists read", "lists"]) {
      await new Client(world.server, await world.server.token(token)).post("/v1/lists/known/activate");
    }
    await is("ok");
    await page.goto("/coverage/alarms");
    const history = table(page, "coverage:event.title");
    for (const what of ["raised", "cleared"]) {
      const line = history.getByRole("row").filter({ hasText: words("common:reason.lists_none_active") }).filter({ hasText: words(`coverage:event.${what}`) });
      await line.first().waitFor();
    }
    await settled(visitor);
    await assertLooks(visitor, "watch-alarms");
    visitor.assertQuiet();
    anna.assertQuiet();
  });
});
