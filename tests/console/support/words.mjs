// The words of the console, from its catalogues: a test asks for what is meant, not for how it is said.
import { readFileSync } from "node:fs";
import { join } from "node:path";

const catalogues = new Map();

function catalogue(language, area) {
  const path = join(process.env.TUTELA_SOURCE_DIR, `web/console/src/locales/${language}/${area}.json`);
  if (!catalogues.has(path)) {
    catalogues.set(path, JSON.parse(readFileSync(path, "utf8")));
  }
  return catalogues.get(path);
}

function lookUp(name, language) {
  const [area, key] = name.split(":");
  const text = key.split(".").reduce((at, part) => at?.[part], catalogue(language, area));
  if (typeof text !== "string") {
    throw new Error(`no catalogue has ${name}`);
  }
  return text;
}

/** words("case:lock.theirs", { name: "anna" }): what is not given may be anything. */
export function words(name, given = {}, language = "en") {
  const parts = lookUp(name, language).split(/(\{\{[^}]+\}\})/);
  const isFull = parts.every((part) => !part.startsWith("{{"));
  if (isFull) {
    return parts.join("");
  }
  const escaped = parts.map((part) => {
    const hole = /^\{\{\s*(\w+)/.exec(part);
    const text = hole ? given[hole[1]] : part;
    return text === undefined ? ".*?" : String(text).replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  });
  return new RegExp(escaped.join(""));
}
