// The public pages, as people meet them.
import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { EXIT, api, assertAxe, closeAll, look, pages, receipt, say, tabTo, visit } from "./site.mjs";

const ATTACK = `</textarea></title>"'><script>alert(1)</script><img src=x onerror=alert(2)>{{PIN}}`;
const PAGES = ["/", "/follow", "/law", "/research", "/help?country=DE", "/help?country=", "/guidance", "/guidance/young",
  "/guidance/parents", "/guidance/teachers", "/guidance/after", "/promises"];
const PNG = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==", "base64");

async function openMine(page, { number, pin }) {
  await page.fill("#number", number);
  await page.fill("#pin", pin);
  await page.click("form[action='/follow'] button");
  await page.locator(".state").waitFor();
}

describe("with the keyboard alone", () => {
  it("somebody reports danger, follows, adds and takes it back", () =>
    visit({}, async (page) => {
      await page.goto("/");
      await page.keyboard.press("Tab");
      assert.equal(await page.evaluate(() => document.activeElement.id), "exit", "the way out comes first");
      assert.equal(await page.locator(".danger .call").isVisible(), false);
      await tabTo(page, "#danger-yes");
      await page.keyboard.press("Space");
      assert.equal(await page.locator(".danger .call a[href='tel:110']").first().isVisible(), true);
      await tabTo(page, "#text");
      await page.keyboard.type("somebody is in danger");
      await tabTo(page, "#about-me");
      await page.keyboard.press("Space");
      await tabTo(page, "form[data-send] button");
      await page.keyboard.press("Enter");
      const mine = await receipt(page);
      assert.match(mine.pin, /^\d{8}$/);
      assert.equal(await page.evaluate(() => document.activeElement.id), "main", "the answer has the focus");
      assert.equal(await page.locator("main > .call a[href='tel:110']").first().isVisible(), true);
      await tabTo(page, "main a[href^='/follow']");
      await page.keyboard.press("Enter");
      await page.waitForURL("**/follow?lang=en");
      await tabTo(page, "#number");
      await page.keyboard.type(mine.number.toLowerCase());
      await tabTo(page, "#pin");
      await page.keyboard.type(mine.pin);
      await page.keyboard.press("Enter");
      await page.locator(".state").waitFor();
      await tabTo(page, "#text");
      await page.keyboard.type("and more");
      await tabTo(page, "form[action='/follow/add'] button");
      await page.keyboard.press("Enter");
      await page.locator(".messages .words", { hasText: "and more" }).waitFor();
      await tabTo(page, "main details:not(.call details) summary");
      await page.keyboard.press("Enter");
      await tabTo(page, "form[action='/follow/withdraw'] button");
      await page.keyboard.press("Enter");
      await page.locator(".done", { hasText: say("withdraw.done") }).waitFor();
      assert.equal(await page.locator("form[action='/follow/add']").count(), 0);
    }));
});

describe("with scripts switched off", () => {
  it("somebody reports with a file, in German, and adds another", () =>
    visit({ javaScriptEnabled: false, locale: "de-DE" }, async (page) => {
      await page.goto("/");
      assert.equal(await page.locator("html").getAttribute("lang"), "de");
      assert.equal(await page.locator("noscript .exit-note").isVisible(), true);
      await page.locator("label[for=danger-yes]").click();
      assert.equal(await page.locator(".danger .call a[href='tel:110']").first().isVisible(), true);
      await page.locator("label[for=about-child]").click();
      await page.fill("#links", "https://example.org/1");
      await page.setInputFiles("#files", { name: "a.png", mimeType: "image/png", buffer: PNG });
      await page.click("form button");
      const mine = await receipt(page);
      await page.goto("/follow");
      await openMine(page, mine);
      await page.setInputFiles("#files", { name: "b.png", mimeType: "image/png", buffer: Buffer.concat([PNG, Buffer.from("x")]) });
      await page.click("form[action='/follow/add'] button");
      await page.getByText(say("add.done", "de")).waitFor();
    }));

  it("an empty form comes back with what was chosen, and says what is missing", () =>
    visit({ javaScriptEnabled: false }, async (page) => {
      await page.goto("/");
      await page.locator("label[for=kind-account]").click();
      await page.fill("#email", "a@example.org");
      await page.click("form button");
      await page.getByText(say("error.empty")).waitFor();
      assert.equal(await page.locator("#kind-account").isChecked(), true);
      assert.equal(await page.inputValue("#email"), "a@example.org");
    }));
});

describe("the way out", () => {
  it("leaves nothing of the whole walk behind the Back button", () =>
    visit({}, async (page) => {
      await page.goto("/livez"); // what was there before
      const before = await page.evaluate(() => history.length);
      await page.evaluate(() => location.assign("/?lang=en"));
      await page.waitForURL("**/?lang=en");
      for (const path of ["/help", "/guidance", "/follow"]) {
        await page.locator(`header a[href^="${path}"]`).click();
        await page.waitForURL(`**${path}?lang=en`);
      }
      await page.locator("header a[href^='/?']").click();
      await page.waitForURL("**/?lang=en");
      await page.fill("#text", "words");
      await page.click("form[data-send] button");
      await receipt(page);
      assert.equal(await page.locator("[hreflang]").count(), 0, "nothing leads away from the PIN by another language");
      await page.locator(".skip").focus();
      await page.keyboard.press("Enter"); // a place in the page is no entry, either
      assert.equal(await page.evaluate(() => document.activeElement.id), "main");
      assert.equal(await page.evaluate(() => history.length), before + 1);
      await page.click("#exit");
      await page.waitForURL(EXIT);
      assert.equal(await page.evaluate(() => history.length), before + 1);
      await page.goBack();
      assert.ok(page.url().endsWith("/livez"), page.url());
    }));

  it("keeps nothing on the device", () =>
    visit({}, async (page, context) => {
      await page.goto("/");
      await page.fill("#text", "words");
      await page.click("form[data-send] button");
      await receipt(page);
      const { origins } = await context.storageState();
      assert.deepEqual(origins, []);
      assert.equal(await page.evaluate(async () => (await caches.keys()).length + (await indexedDB.databases()).length).catch(() => 0), 0);
    }));
});

describe("script in every field", () => {
  it("is shown as it was written, and does nothing", () =>
    visit({}, async (page) => {
      await page.goto("/");
      for (const name of ["text", "links", "accounts", "chat", "name", "phone"]) {
        await page.fill(`#${name}`, ATTACK.slice(0, name === "phone" ? 60 : undefined));
      }
      await page.evaluate((attack) => {
        for (const [name, at] of [["lang", 0], ["kind", 1], ["about", 2], ["country", 3], ["challenge", 4], ["work", 5]]) {
          const field = document.createElement("input");
          Object.assign(field, { type: "hidden", name, value: attack + at });
          document.querySelector("form[data-send]").prepend(field);
        }
      }, ATTACK);
      await page.click("form[data-send] button");
      const mine = await receipt(page);
      await page.goto("/follow");
      await openMine(page, mine);
      await page.fill("#text", ATTACK);
      await page.click("form[action='/follow/add'] button");
      await page.locator(".messages .words").first().waitFor();
      assert.equal(await page.locator(".messages .words").first().innerText(), ATTACK);
      assert.equal(await page.locator("img").count(), 0);
      await page.goto("/follow");
      await page.fill("#number", ATTACK.slice(0, 64));
      await page.fill("#pin", ATTACK.slice(0, 32));
      await page.click("form[action='/follow'] button");
      await page.getByText(say("follow.unknown")).waitFor();
      assert.equal(await page.inputValue("#number"), ATTACK.slice(0, 64));
    }));

  it("does nothing where a form comes back without scripts", () =>
    visit({ javaScriptEnabled: false }, async (page) => {
      for (const path of ["/law", "/research"]) {
        await page.goto(path);
        for (const field of await page.locator("main input[type=text], main input[type=tel]").all()) {
          await field.fill(ATTACK.slice(0, 60));
        }
        await page.locator("#text").fill("x".repeat(10));
        await page.locator("#links").fill(`${ATTACK}${"y".repeat(3000)}`);
        await page.click("form button");
        await page.getByText(say("error.too_long")).waitFor();
        assert.ok((await page.inputValue("#links")).startsWith(ATTACK));
      }
    }));
});

describe("bodies that no form sends", () => {
  const post = async (path, body, type) => {
    const response = await fetch((await pages()) + path, { method: "POST", body, headers: type ? { "Content-Type": type } : {} });
    const text = await response.text();
    assert.match(response.headers.get("content-type"), /^text\/html/, path);
    assert.equal(response.headers.get("set-cookie"), null);
    assert.doesNotMatch(text, /multipart\.|request\.|store\.|notice\./);
    assert.match(text, /<h1>/);
    return response.status;
  };
  const part = (name, value) => `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
  const multipart = "multipart/form-data; boundary=b";

  it("get a page that says so, and the server goes on", async () => {
    assert.equal(await post("/report", "text=a", "application/x-www-form-urlencoded"), 415);
    assert.equal(await post("/report", "x", "text/plain"), 415);
    assert.equal(await post("/report", "nonsense", multipart), 400);
    assert.equal(await post("/report", part("text", "a"), multipart), 400, "it ends before its end");
    assert.equal(await post("/report", "x", "multipart/form-data"), 400);
    assert.equal(await post("/report", `${part("text", "\u0000a")}--b--`, multipart), 400);
    assert.equal(await post("/report", Buffer.from(`${part("text", "\xff\xfe")}--b--`, "latin1"), multipart), 400);
    assert.equal(await post("/report", `${part("text", "a".repeat(9000))}--b--`, multipart), 400);
    assert.equal(await post("/report", `${part("text", "a".repeat(200_000))}--b--`, multipart), 400);
    assert.equal(await post("/report", `${part("x", "a").repeat(300)}--b--`, multipart), 400);
    assert.equal(await post("/follow", "a".repeat(20_000), "application/x-www-form-urlencoded"), 413);
    assert.equal(await post("/follow", "number=%zz", "application/x-www-form-urlencoded"), 400);
    assert.equal(await post("/follow", "{}", "application/json"), 415);
    assert.equal(await post("/follow/add", `${part("number", "T-1")}${part("pin", "1")}${part("text", "a")}--b--`, multipart), 404);
  });

  it("a file that is too large does not keep the words from arriving", async () => {
    const form = new FormData();
    form.set("text", "words");
    form.set("files", new Blob([Buffer.alloc(3 << 20)]), "large");
    const response = await fetch(`${await pages()}/report`, { method: "POST", body: form });
    const text = await response.text();
    assert.equal(response.status, 200);
    assert.match(text, /id="pin">\d{8}</);
    assert.ok(text.includes(say("files.too_large").replace("{places}", "1").replace("{size}", "2 MB")));
    assert.ok(text.includes(say("sent.problem_files")));
  });

  it("files alone that are too large are named by place, with the limit, and what was typed stays", async () => {
    const large = new Blob([Buffer.alloc(3 << 20)]);
    for (const [lang, link] of [["en", "a link"], ["de", "einen Link"]]) {
      const form = new FormData();
      form.set("lang", lang);
      form.set("name", "A name & more");
      form.append("files", large, "unmistakable.mp4");
      form.append("files", large, "unmistakable.mp4");
      const response = await fetch(`${await pages()}/report`, { method: "POST", body: form });
      const text = await response.text();
      assert.equal(response.status, 400);
      assert.ok(text.includes(say("files.too_large", lang).replace("{places}", "1, 2").replace("{size}", "2 MB")), text);
      assert.ok(say("files.too_large", lang).includes(link));
      assert.ok(!text.includes(say("error.empty", lang)));
      assert.ok(!text.includes("unmistakable"));
      assert.ok(text.includes('value="A name &amp; more"'));
    }
  });

  it("a film larger than everything that is taken is told the same, and not cut off", async () => {
    const form = new FormData();
    form.set("name", "somebody");
    form.append("files", new Blob([Buffer.alloc(20 << 20)]), "film");
    const response = await fetch(`${await pages()}/report`, { method: "POST", body: form });
    const text = await response.text();
    assert.equal(response.status, 400);
    assert.ok(text.includes(say("files.too_large").replace("{places}", "1").replace("{size}", "2 MB")));
    assert.ok(text.includes('value="somebody"'));
  });

  it("files without a byte are named where others were chosen beside them, and where none was, nothing is said", async () => {
    const send = async (sizes) => {
      const form = new FormData();
      form.set("text", "words");
      for (const size of sizes) {
        form.append("files", new Blob([Buffer.alloc(size)]), "file");
      }
      return (await fetch(`${await pages()}/report`, { method: "POST", body: form })).text();
    };
    assert.ok(!(await send([0])).includes(say("sent.problem_files")));
    const text = await send([0, 10, 0]);
    assert.ok(text.includes(say("files.failed").replace("{places}", "1, 3")), text);
  });

  it("files that are added and too large are named, too", async () => {
    const form = new FormData();
    form.set("text", "words");
    const sent = await (await fetch(`${await pages()}/report`, { method: "POST", body: form })).text();
    const more = new FormData();
    more.set("number", sent.match(/id="number">([^<]+)</)[1]);
    more.set("pin", sent.match(/id="pin">(\d{8})</)[1]);
    more.append("files", new Blob([Buffer.alloc(3 << 20)]), "large");
    const text = await (await fetch(`${await pages()}/follow/add`, { method: "POST", body: more })).text();
    assert.ok(text.includes(say("files.too_large").replace("{places}", "1").replace("{size}", "2 MB")));
    assert.ok(!text.includes(say("error.empty")));
  });

  it("a wrong PIN is no more tries because there are files beside it", async () => {
    const send = async (path, fields) => {
      const form = new FormData();
      for (const [name, value] of fields) {
        form.append(name, value);
      }
      return fetch((await pages()) + path, { method: "POST", body: form });
    };
    const sent = await (await send("/report", [["text", "words"]])).text();
    const [, number] = sent.match(/id="number">([^<]+)</);
    const [, pin] = sent.match(/id="pin">(\d{8})</);
    const files = Array.from({ length: 12 }, () => ["files", new Blob(["bytes"])]);
    const add = async (given) => (await send("/follow/add", [["number", number], ["pin", given], ["text", "more"], ...files])).status;
    assert.equal(await add(pin === "00000000" ? "00000001" : "00000000"), 404);
    assert.equal(await add(pin), 200);
  });
});

describe("the address of the pages", () => {
  it("has public routes alone, each under its policy", async () => {
    const origin = await pages();
    for (const path of ["/v1/cases", "/v1/notices", "/v1/scan", "/metrics", "/cases", "/v1/session", "/openapi.json", "/readyz"]) {
      const response = await fetch(origin + path, { headers: { Accept: "text/html" } });
      assert.equal(response.status, 404, path);
      assert.doesNotMatch(await response.text(), /id="root"/, path);
    }
    for (const path of [...PAGES, "/page.css", "/page.js", "/work.js", "/none"]) {
      const { headers } = await fetch(origin + path);
      const policy = headers.get("content-security-policy");
      assert.match(policy, /^default-src 'none';/, path);
      assert.doesNotMatch(policy, /unsafe|https?:|\*|data:/, path);
      assert.equal(headers.get("cache-control"), "no-store", path);
      assert.equal(headers.get("referrer-policy"), "no-referrer", path);
      assert.equal(headers.get("set-cookie"), null, path);
    }
  });

  it("and the API's give the same public JSON", async () => {
    const { origin } = await api();
    for (const path of ["/v1/intake/promises", "/v1/help?country=de&language=de"]) {
      const [one, other] = await Promise.all([fetch(origin + path), fetch((await pages()) + path)]);
      assert.equal(one.status, 200, path);
      assert.deepEqual(await one.json(), await other.json(), path);
    }
    const help = await (await fetch(`${await pages()}/v1/help?country=de&language=de`)).json();
    assert.equal(help.emergency[0].name, "Polizei");
    assert.ok(help.helplines.every((line) => line.source.startsWith("https://") && line.as_of === "2026-11"));
    const unknown = { number: "T-0000-0000-0000", pin: "00000000" };
    for (const [path, more] of [["follow", {}], ["add", { text: "a" }], ["withdraw", {}]]) {
      const body = JSON.stringify({ ...unknown, ...more });
      const response = await fetch(`${await pages()}/v1/intake/${path}`, { method: "POST", body, headers: { "Content-Type": "application/json" } });
      assert.equal(response.status, 404);
      assert.equal((await response.json()).code, "notice.unknown");
    }
  });
});

describe("every page", () => {
  for (const language of ["en", "de"]) {
    for (const colorScheme of ["light", "dark"]) {
      it(`passes axe, fits 320 pixels, and has its words: ${language}, ${colorScheme}`, () =>
        visit({ colorScheme }, async (page) => {
          for (const path of PAGES) {
            const address = `${path}${path.includes("?") ? "&" : "?"}lang=${language}`;
            await page.setViewportSize({ width: 1280, height: 720 });
            await page.goto(address);
            const name = `${path.replaceAll(/\W+/g, "_")}-${language}-${colorScheme}`;
            assert.equal(await page.locator("html").getAttribute("lang"), language);
            assert.doesNotMatch(await page.locator("body").innerText(), /\{\{|\[\[|\{\w+\}/, name);
            if (path === "/") {
              await page.check("#danger-yes");
            }
            await assertAxe(page, name);
            for (const [width, height] of [[1280, 720], [820, 1180], [320, 640]]) {
              await look(page, name, width, height);
            }
          }
          await page.goto(`/?lang=${language}`);
          await page.check("#danger-yes");
          await page.check("#about-me");
          await page.fill("#text", "words");
          await page.click("form[data-send] button");
          const mine = await receipt(page);
          await assertAxe(page, "sent");
          await look(page, `sent-${language}-${colorScheme}`, 320, 640);
          await look(page, `sent-${language}-${colorScheme}`, 820, 1180);
          await page.goto(`/follow?lang=${language}`);
          await openMine(page, mine);
          await assertAxe(page, "state");
          await look(page, `state-${language}-${colorScheme}`, 320, 640);
          await look(page, `state-${language}-${colorScheme}`, 820, 1180);
        }));
    }
  }
});

describe("the end", () => {
  after(closeAll);
  it("leaves nothing running", () => {});
});
