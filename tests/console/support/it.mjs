// node:test's it(); where a test fails, what everybody sees then is written down and photographed.
import { it as plain } from "node:test";
import { join } from "node:path";
import { visitors } from "./browser.mjs";

const TEST_MS = 600_000;

let failures = 0;

async function describe(visitor) {
  for (const page of visitor.context.pages()) {
    const file = join(process.env.TUTELA_SCREENS, `failure-${++failures}-${visitor.name}.png`);
    await page.screenshot({ path: file }).catch(() => undefined);
    const text = await page.locator("body").innerText({ timeout: 2000 }).catch(() => "(no page)");
    console.log(`--- ${visitor.name} at ${page.url()}: ${file}\n${text.slice(0, 2500)}\n---`);
  }
  if (visitor.complaints.length > 0) {
    console.log(visitor.complaints.join("\n"));
  }
}

export function it(name, run) {
  plain(name, { timeout: TEST_MS }, async () => {
    try {
      await run();
    } catch (thrown) {
      for (const visitor of visitors) {
        await describe(visitor);
      }
      throw thrown;
    }
  });
}
