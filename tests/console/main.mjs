// Everything, in one process and one browser, one after the other; or the parts that are named.
import { after, describe, it } from "node:test";
import { closeBrowser } from "./support/browser.mjs";
import { killServers } from "./support/server.mjs";
import { forgetPictures } from "./support/world.mjs";
import { closeWorlds } from "./support/worlds.mjs";

const parts = process.argv.length > 2 ? process.argv.slice(2) : ["sign_in", "accounts", "work", "limits", "coverage", "reports", "notices", "pages"];
for (const part of parts) {
  await import(`./${part}.mjs`);
}

describe("the end", () => {
  after(async () => {
    try {
      await closeWorlds();
    } finally {
      await closeBrowser();
      killServers();
      forgetPictures();
    }
  });
  it("leaves nothing running", () => {});
});
