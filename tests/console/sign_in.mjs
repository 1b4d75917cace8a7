// The way in: password, second factor, and out again.
import assert from "node:assert/strict";
import { after, afterEach, before, describe } from "node:test";
import { Visitor } from "./support/browser.mjs";
import { assertLooks, settled } from "./support/checks.mjs";
import { it } from "./support/it.mjs";
import { atHome, giveCode, givePassword, signIn } from "./support/sign_in.mjs";
import { Person } from "./support/people.mjs";
import { words } from "./support/words.mjs";
import { World } from "./support/world.mjs";

const SCRIPT_BYTES_MAX = 200_000;
const PAINT_MS_MAX = 3000; // the aim is 1 s; a busy machine must not fail this

describe("signing in", () => {
  let world;
  let visitor;

  before(async () => {
    const people = { auditor: "auditor", lead: "lead", anna: "reviewer", bert: "reviewer", cara: "reviewer" };
    world = await World.make({}, people, 1);
  });
  after(() => world?.close());
  afterEach(async () => {
    await visitor?.close();
    visitor = undefined;
  });

  // Each code opens once and there are three at a time: no test waits for the next of another's.
  const open = async (name) => (visitor = await Visitor.open(world.server, name));

  it("takes a password and a code, and leads to the first page", async () => {
    const { page } = await open("anna");
    await signIn(visitor, world.people.anna);
    await page.getByRole("heading", { level: 1, name: "Overview" }).waitFor();
    const strip = page.getByRole("region", { name: words("common:strip.label") });
    await strip.getByText(words("common:strip.state.off")).waitFor(); // no list is active here
  });

  it("loads less than 200 kB of script for the first page, and paints soon", async () => {
    const { page } = await open("anna");
    await page.goto("/");
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    const painted = async () => {
      await page.waitForFunction(() => performance.getEntriesByName("first-contentful-paint").length > 0); // it is noted after it was drawn
      return page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0].startTime);
    };
    let paint = await painted();
    for (let tries = 0; tries < 10 && paint >= PAINT_MS_MAX; ++tries) {
      await page.goto("/"); // something else had the machine
      paint = Math.min(paint, await painted());
    }
    await givePassword(page, world.people.anna);
    await giveCode(page, await world.people.anna.code());
    await atHome(page).waitFor();
    await settled(visitor);
    const all = visitor.answers.filter(({ type }) => type.includes("javascript"));
    const scripts = [...new Map(all.map((answer) => [answer.url, answer])).values()];
    assert.ok(scripts.every(({ headers }) => headers.get("content-encoding") === "gzip"));
    const bytes = scripts.reduce((sum, { headers }) => sum + Number(headers.get("content-length")), 0);
    console.log(`first contentful paint after ${Math.round(paint)} ms; ${bytes} bytes of script in ${scripts.length} files`);
    assert.ok(bytes > 50_000 && bytes < SCRIPT_BYTES_MAX, `${bytes} bytes of script`);
    assert.ok(paint < PAINT_MS_MAX, `${paint} ms to the first paint`);
  });

  it("refuses a wrong password and says no more than that", async () => {
    const { page } = await open("anna");
    await page.goto("/");
    await givePassword(page, world.people.anna, "not the password");
    await page.getByText(words("common:error.auth_refused")).waitFor();
    assert.equal(await page.getByLabel("Password", { exact: true }).inputValue(), "");
  });

  it("refuses a wrong code, and one that was used", async () => {
    const { page } = await open("bert");
    await page.goto("/");
    await givePassword(page, world.people.bert);
    const code = await world.people.bert.code();
    const wrong = String((Number(code) + 1) % 1_000_000).padStart(6, "0");
    await giveCode(page, wrong);
    await page.locator("[aria-invalid=true]").waitFor();
    assert.equal(await atHome(page).count(), 0);
    await giveCode(page, code);
    await atHome(page).waitFor();
    await visitor.context.clearCookies();
    await page.goto("/");
    await givePassword(page, world.people.bert);
    await giveCode(page, code);
    await page.locator("[aria-invalid=true]").waitFor();
  });

  it("enrols a new person: invitation, password, secret, recovery codes", async () => {
    const { page } = await open("berta");
    const { invitation } = await world.people.root.post("/v1/people", { name: "berta", role: "reviewer" });
    await page.goto("/invitation");
    await page.getByLabel("Code of the invitation").fill(invitation);
    await page.getByLabel("New password").fill("eight large red houses");
    await page.getByLabel("The password again").fill("eight large red houses");
    await assertLooks(visitor, "invitation");

    await page.keyboard.press("Enter");
    await page.getByText(words("signin:invitation.done")).waitFor();
    await page.getByRole("link", { name: words("signin:invitation.to_sign_in") }).click();
    const berta = new Person(world.server, "berta", "reviewer");
    berta.password = "eight large red houses";
    await givePassword(page, berta);
    const secret = page.locator("dd.mono");
    await secret.waitFor();
    berta.secret = (await secret.innerText()).replace(/\s/g, "");
    await assertLooks(visitor, "enrolment");
    await page.getByLabel("Code that the app shows").fill(await berta.code());
    await page.keyboard.press("Enter");
    await page.getByLabel("I have kept them").check();
    assert.equal(await page.getByRole("list", { name: "Recovery codes" }).getByRole("listitem").count(), 10);
    await page.getByRole("button", { name: "To the console" }).click();
    await atHome(page).waitFor();
  });

  it("ends when the server says so; the page waits for the same person", async () => {
    const { cara } = world.people;
    const { page } = await open("cara");
    await signIn(visitor, cara, "/exposure");
    const choice = page.getByRole("checkbox", { name: words("exposure:kind.animation") });
    await choice.check();
    await cara.call("DELETE", "/v1/sessions");
    await page.getByRole("button", { name: words("exposure:choices.save") }).click();
    await page.getByRole("heading", { name: words("signin:ended.title") }).waitFor();
    assert.equal(await choice.isVisible(), false);
    await assertLooks(visitor, "session-over");
    await givePassword(page, cara);
    await giveCode(page, await cara.code());
    await page.getByText(words("exposure:choices.saved")).waitFor(); // asked again, without being told to
    assert.equal(await choice.isChecked(), true);
  });
});
