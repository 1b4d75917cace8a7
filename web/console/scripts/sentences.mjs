// Writes src/pages/notices/sentences.json from the catalogues of the public pages: what whoever sent a
// notice reads as its answer. There they are written, and nowhere else. TUTELA_INTAKE_LOCALES names their
// folder where the console is built outside of the source tree.
import { readFile, readdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

const here = path.dirname(fileURLToPath(import.meta.url));
const folder = path.resolve(process.env.TUTELA_INTAKE_LOCALES ?? path.join(here, "../../intake/locales"));
const target = path.join(here, "../src/pages/notices/sentences.json");
const PREFIX = "outcome.";

const sentences = {};
for (const file of (await readdir(folder)).filter((each) => /^[a-z]{2}\.json$/.test(each)).sort()) {
  const texts = Object.entries(JSON.parse(await readFile(path.join(folder, file), "utf8")));
  sentences[path.basename(file, ".json")] = Object.fromEntries(
    texts.filter(([key]) => key.startsWith(PREFIX)).map(([key, text]) => [key.slice(PREFIX.length), text]),
  );
}
const escaped = (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`;
const text = `${JSON.stringify(sentences, null, 2).replace(/[^ -~\n]/g, escaped)}\n`;
const before = await readFile(target, "utf8").catch(() => "");
if (before !== text) {
  await writeFile(target, text);
}
