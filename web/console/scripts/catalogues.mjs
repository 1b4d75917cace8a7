// Holds the catalogues against each other and against the code: the same keys in every language, no
// key missing, none unused, the same {{names}} in each translation; and each page comes with the
// catalogues that it needs. Prints what is wrong; exit 1.
import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { fetchedLater, source, sources, textsOf } from "./texts.mjs";

const faults = [];
const PLURAL = /_(zero|one|two|few|many|other)$/;
// Keys whose last part the server chooses; what is not there falls back to the server's words.
const SERVER_CHOOSES = /^common:(error|reason)\./;

function flatten(value, prefix, into) {
  for (const [key, inner] of Object.entries(value)) {
    const name = prefix === "" ? key : `${prefix}.${key}`;
    if (typeof inner === "string") {
      into.set(name, inner);
    } else {
      flatten(inner, name, into);
    }
  }
  return into;
}

function readCatalogue(language) {
  const folder = path.join(source, "locales", language);
  const keys = new Map();
  for (const file of readdirSync(folder)) {
    const texts = flatten(JSON.parse(readFileSync(path.join(folder, file), "utf8")), "", new Map());
    for (const [key, text] of texts) {
      keys.set(`${file.slice(0, -".json".length)}:${key}`, text);
    }
  }
  return keys;
}

// What the code asks for: whole keys, and patterns of keys with a part that varies.
const asked = new Map();
const patterns = [];
const CALL = /\bt\w*\(\s*(?:[^()"'`]*\?\s*)?(["'`])((?:(?!\1).)*)\1(?:\s*:\s*(["'`])((?:(?!\3).)*)\3)?/gs;
const LITERAL = /["'`]([a-z]+:[\w.]+)["'`]/g;

function ask(text, namespace, file) {
  const name = text.includes(":") ? text : `${namespace}:${text}`;
  if (text.includes("${")) {
    patterns.push(new RegExp(`^${name.replace(/[.*+?^()|[\]\\]/g, "\\$&").replace(/\$\{[^}]*\}+/g, "\\w+")}$`));
  } else {
    asked.set(name, file);
  }
}

for (const file of sources()) {
  const text = readFileSync(file, "utf8");
  const namespace = /useTranslation\(\s*\[?"(\w+)"/.exec(text)?.[1] ?? "common";
  for (const found of text.matchAll(CALL)) {
    ask(found[2], namespace, file);
    if (found[4] !== undefined) {
      ask(found[4], namespace, file);
    }
  }
  for (const found of text.matchAll(LITERAL)) {
    asked.set(found[1], file);
  }
}

const languages = readdirSync(path.join(source, "locales"));
const catalogues = new Map(languages.map((language) => [language, readCatalogue(language)]));
const english = catalogues.get("en");
// A text with a count has the form "other" in every language; "too_many" alone is a name.
const isPlural = (key, keys) => PLURAL.test(key) && keys.has(key.replace(PLURAL, "_other"));
const baseOf = (key, keys) => (isPlural(key, keys) ? key.replace(PLURAL, "") : key);
const bases = (keys) => new Set([...keys.keys()].map((key) => baseOf(key, keys)));
const englishBases = bases(english);

for (const [language, keys] of catalogues) {
  const own = bases(keys);
  for (const key of englishBases) {
    if (!own.has(key)) faults.push(`${language} lacks ${key}`);
  }
  for (const key of own) {
    if (!englishBases.has(key)) faults.push(`${language} has ${key}, English has not`);
  }
  const forms = new Intl.PluralRules(language).resolvedOptions().pluralCategories;
  for (const key of keys.keys()) {
    if (isPlural(key, keys)) {
      for (const form of forms) {
        if (!keys.has(`${baseOf(key, keys)}_${form}`)) faults.push(`${language} lacks ${baseOf(key, keys)}_${form}`);
      }
    }
    const names = (text) => [...text.matchAll(/\{\{\s*(\w+)/g)].map((each) => each[1]).sort().join();
    const same = english.get(key);
    if (same !== undefined && names(same) !== names(keys.get(key))) {
      faults.push(`${language}: ${key} has other {{names}} than the English text`);
    }
    if (keys.get(key).trim() === "") faults.push(`${language}: ${key} is empty`);
  }
}
for (const [key, file] of asked) {
  const isKey = /^[a-z]+:[\w.]+$/.test(key) && [...english.keys()].some((each) => each.startsWith(`${key.split(":")[0]}:`));
  if (isKey && !englishBases.has(key)) faults.push(`${path.relative(source, file)} asks for ${key}, which is nowhere`);
}
for (const key of englishBases) {
  if (!asked.has(key) && !SERVER_CHOOSES.test(key) && !patterns.some((each) => each.test(key))) {
    faults.push(`${key} is used nowhere`);
  }
}

const main = textsOf(path.join(source, "main.tsx"));
for (const each of main) {
  if (each !== "common") faults.push(`what is not fetched later needs ${each}, and only common is there`);
}
for (const { file, by, texts } of fetchedLater()) {
  const name = path.relative(source, file);
  const needed = textsOf(file);
  needed.delete("common");
  for (const each of needed) {
    if (!texts.includes(each)) faults.push(`${name} needs ${each}, and ${path.relative(source, by)} fetches it without`);
  }
  for (const each of texts) {
    if (!needed.has(each)) faults.push(`${name} does not need ${each}`);
  }
}

if (faults.length > 0) {
  console.error([...new Set(faults)].join("\n"));
  process.exit(1);
}
console.log(`${languages.length} languages, ${englishBases.size} texts each`);
