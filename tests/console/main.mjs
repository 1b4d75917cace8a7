// Everything, in one process and one browser, one after the other.
import { after, describe, it } from "node:test";
import "./sign_in.mjs";
import "./work.mjs";
import "./limits.mjs";
import "./pages.mjs";
import { closeBrowser } from "./support/browser.mjs";
import { forgetPictures } from "./support/world.mjs";
import { closeWorlds } from "./support/worlds.mjs";

describe("the end", () => {
  after(async () => {
    await closeWorlds();
    await closeBrowser();
    forgetPictures();
  });
  it("leaves nothing running", () => {});
});
