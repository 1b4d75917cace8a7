// Fails the build when the first page needs more than 200 kB of script, gzipped: the entry, all that
// it imports, and sign-in or the overview with their catalogues in the larger language (the larger sum).
import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { fetchedLater, source } from "./texts.mjs";

const LIMIT = 200_000;
const dist = path.join(path.dirname(fileURLToPath(import.meta.url)), "../dist");
const manifest = JSON.parse(readFileSync(path.join(dist, ".vite/manifest.json"), "utf8"));

function withImports(key, into = new Set()) {
  const chunk = manifest[key];
  if (chunk && !into.has(key)) {
    into.add(key);
    (chunk.imports ?? []).forEach((each) => withImports(each, into));
  }
  return into;
}

const sizes = new Map();
function sizeOf(key) {
  if (!sizes.has(key)) {
    sizes.set(key, gzipSync(readFileSync(path.join(dist, manifest[key].file)), { level: 9 }).length);
  }
  return sizes.get(key);
}

const sum = (keys) => [...keys].filter((key) => manifest[key].file.endsWith(".js")).reduce((all, key) => all + sizeOf(key), 0);
const entry = withImports("index.html");
const extra = (key) => sum([...withImports(key)].filter((each) => !entry.has(each)));
const pages = fetchedLater().map(({ file, texts }) => ({ key: path.posix.join("src", path.relative(source, file)), texts }));
const localesOf = (texts) =>
  Math.max(...readdirSync(path.join(source, "locales")).map((language) => sum(["common", ...texts].map((each) => `src/locales/${language}/${each}.json`))));
const firsts = pages.filter(({ key }) => /^src\/pages\/(signin|overview)\/index\.tsx$/.test(key));
const [most] = firsts
  .map(({ key, texts }) => ({ page: extra(key), locales: localesOf(texts) }))
  .sort((one, other) => other.page + other.locales - one.page - one.locales);
const total = sum(entry) + most.page + most.locales;
const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;
console.log(`first page: ${kilobytes(total)} of script gzipped (entry ${kilobytes(sum(entry))}, page ${kilobytes(most.page)}, language ${kilobytes(most.locales)}); limit ${kilobytes(LIMIT)}`);
if (total > LIMIT) {
  console.error("The first page is too heavy: import what it does not need lazily.");
  process.exit(1);
}
