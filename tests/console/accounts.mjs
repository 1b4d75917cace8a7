// Where people are written to: set by an admin and by the person, seen by nobody else.
import assert from "node:assert/strict";
import { after, before, describe } from "node:test";
import { Visitor } from "./support/browser.mjs";
import { assertAxe, assertLooks, settled } from "./support/checks.mjs";
import { it } from "./support/it.mjs";
import { signIn } from "./support/sign_in.mjs";
import { words } from "./support/words.mjs";
import { World } from "./support/world.mjs";

describe("the address of a person", () => {
  let world;
  const visitors = [];

  before(async () => {
    world = await World.make({}, { anna: "reviewer", lead: "lead", auditor: "auditor" }, 1);
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

  it("is set by an admin, with the keyboard, and what is none is refused before it is sent", async () => {
    const root = await open("root", "/people");
    const { page } = root;
    await page.getByRole("row", { name: /anna/ }).getByText(words("people:email.none")).waitFor();
    await page.getByRole("row", { name: /anna/ }).click();
    await page.getByRole("button", { name: words("people:email.label") }).press("Enter");
    const dialog = page.getByRole("dialog");
    const field = dialog.getByLabel(words("people:column.email"), { exact: true });
    const save = dialog.getByRole("button", { name: words("people:email.save"), exact: true });
    await field.fill("anna, bert");
    await dialog.getByText(words("people:email.wrong")).waitFor();
    assert.equal(await save.isDisabled(), true);
    await assertAxe(page, "the dialog of an address");
    await field.fill("anna@example.org");
    await field.press("Enter");
    await page.getByText(words("people:email.done", { name: "anna" })).waitFor();
    await page.getByRole("row", { name: /anna/ }).getByText("anna@example.org").waitFor();
    assert.equal((await world.people.anna.get("/v1/me")).email, "anna@example.org");
    await settled(root);
    await assertLooks(root, "people-email");
    root.assertQuiet();
  });

  it("is the person's own to change and to take away", async () => {
    const anna = await open("anna", "/settings");
    const { page } = anna;
    const field = page.getByLabel(words("settings:email.label"), { exact: true });
    const save = page.getByRole("button", { name: words("settings:email.save"), exact: true });
    assert.equal(await field.inputValue(), "anna@example.org");
    assert.equal(await save.isDisabled(), true, "nothing is to be saved");
    await field.fill("a.meyer@example.org");
    await field.press("Enter");
    await page.getByText(words("settings:email.done")).waitFor();
    assert.equal((await world.people.anna.get("/v1/me")).email, "a.meyer@example.org");
    await field.fill("");
    await save.press("Enter");
    await page.getByText(words("settings:email.removed")).waitFor();
    assert.equal((await world.people.anna.get("/v1/me")).email, undefined);
    anna.assertQuiet();
  });

  it("comes with an invitation, and is nowhere for who manages nobody", async () => {
    const root = visitors[0];
    const { page } = root;
    await page.goto("/people");
    await page.getByRole("button", { name: words("people:invite.label"), exact: true }).press("Enter");
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel(words("people:column.name"), { exact: true }).fill("carl");
    await dialog.getByLabel(words("people:invite.email"), { exact: true }).fill("carl@example.org");
    await dialog.getByRole("button", { name: words("people:invite.label"), exact: true }).press("Enter");
    await page.getByText(words("people:invitation.once")).waitFor();
    await page.getByRole("row", { name: /carl/ }).getByText("carl@example.org").waitFor();
    root.assertQuiet();
    const lead = await open("lead", "/duty");
    await settled(lead);
    for (const at of ["/duty", "/duty/staffing", "/people/cases", "/settings"]) {
      await lead.page.goto(at);
      await settled(lead);
      assert.doesNotMatch(await lead.page.content(), /example\.org/, at);
    }
    lead.assertQuiet();
  });
});
