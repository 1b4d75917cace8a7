// Which catalogues a page needs: those that its module and all that it imports ask for. And what
// the code fetches together with which catalogues: withTexts([...], () => import("...")).
import { existsSync, readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const source = path.join(path.dirname(fileURLToPath(import.meta.url)), "../src");
const IMPORT = /^(?:import|export)\s+(?!type\b)(?:[^;"']*?\sfrom\s+)?["']([^"']+)["']/gm;
const LATER = /\bimport\(\s*["']([^"']+)["']\s*\)/g;
const WITH_TEXTS = /withTexts\(\s*\[([^\]]*)\],\s*\(\)\s*=>\s*import\("([^"]+)"\)/g;
const NAMESPACES = /useTranslation\(\s*\[?([^\])]*)/g;

/** All files of the code, without tests and types. */
export function sources(folder = source) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const at = path.join(folder, entry.name);
    if (entry.isDirectory()) {
      return entry.name === "locales" ? [] : sources(at);
    }
    return /(?<!\.test|\.d)\.tsx?$/.test(entry.name) ? [at] : [];
  });
}

function resolve(name, from) {
  const base = name.startsWith("@/") ? path.join(source, name.slice(2)) : name.startsWith(".") ? path.resolve(path.dirname(from), name) : undefined;
  return base && [`${base}.ts`, `${base}.tsx`, `${base}/index.ts`, `${base}/index.tsx`].find((each) => existsSync(each));
}

const quoted = (text) => [...text.matchAll(/"(\w+)"/g)].map((found) => found[1]);

/** Catalogues of a file and of what it imports, without what it fetches later. */
export function textsOf(file, seen = new Set()) {
  const own = new Set();
  if (file === undefined || seen.has(file)) {
    return own;
  }
  seen.add(file);
  const text = readFileSync(file, "utf8");
  for (const [, names] of text.matchAll(NAMESPACES)) {
    (names.trim() === "" ? ["common"] : quoted(names)).forEach((each) => own.add(each));
  }
  for (const [, name] of text.matchAll(IMPORT)) {
    textsOf(resolve(name, file), seen).forEach((each) => own.add(each));
  }
  return own;
}

/** Every module that is fetched later: its file, where that is said, and the catalogues it comes with. */
export function fetchedLater() {
  return sources().flatMap((file) => {
    const text = readFileSync(file, "utf8");
    const declared = new Map([...text.matchAll(WITH_TEXTS)].map(([, names, name]) => [name, quoted(names)]));
    return [...text.matchAll(LATER)].map(([, name]) => ({ file: resolve(name, file), by: file, texts: declared.get(name) ?? [] }));
  });
}
