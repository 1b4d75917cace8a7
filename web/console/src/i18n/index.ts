// Languages. Catalogues are src/locales/<language>/<namespace>.json, a chunk each: a room is fetched
// together with those it needs (withTexts), so that none is shown without its words.
import i18next from "i18next";
import { lazy, type ComponentType, type LazyExoticComponent } from "react";
import { initReactI18next } from "react-i18next";

export const languages = ["en", "de"] as const;
export type Language = (typeof languages)[number];
const STORED = "tutela.language";

type Catalogue = Record<string, unknown>;
const files = import.meta.glob<Catalogue>("../locales/*/*.json", { import: "default" });

function isLanguage(text: string | null | undefined): text is Language {
  return languages.some((language) => language === text);
}

function preferred(): Language {
  const stored = localStorage.getItem(STORED);
  if (isLanguage(stored)) {
    return stored;
  }
  const asked = navigator.languages.map((tag) => tag.split("-")[0]).find(isLanguage);
  return asked ?? "en";
}

const wanted = new Set<string>(["common"]);
let asked: Language = "en"; // the last one that somebody chose

async function read(language: Language, namespace: string): Promise<void> {
  const texts = await files[`../locales/${language}/${namespace}.json`]?.();
  if (texts === undefined) {
    throw new Error(`there is no catalogue ${namespace}`);
  }
  i18next.addResourceBundle(language, namespace, texts, true, true);
}

/** Until the language has all that is wanted, also what others asked for meanwhile. */
async function fill(language: Language): Promise<void> {
  for (;;) {
    const missing = [...wanted].filter((each) => !i18next.hasResourceBundle(language, each));
    if (missing.length === 0) {
      return;
    }
    await Promise.all(missing.map((each) => read(language, each)));
  }
}

/** The catalogues of these areas, in whichever language is the chosen one when they are there. */
export async function loadTexts(namespaces: readonly string[]): Promise<void> {
  for (const each of namespaces) {
    wanted.add(each);
  }
  let language: Language;
  do {
    language = currentLanguage();
    await fill(language);
  } while (language !== currentLanguage());
}

/** A page that is fetched when it is shown, together with the texts of all that it is made of. */
export function withTexts<Props>(
  namespaces: readonly string[],
  load: () => Promise<{ default: ComponentType<Props> }>,
): LazyExoticComponent<ComponentType<Props>> {
  return lazy<ComponentType<Props>>(async () => {
    try {
      const [page] = await Promise.all([load(), loadTexts(namespaces)]);
      return page;
    } catch (thrown) {
      throw new NotLoaded(thrown);
    }
  });
}

/** A part of the console did not arrive: the server is away, or has a newer console. */
export class NotLoaded extends Error {
  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

export async function startLanguages(): Promise<void> {
  asked = preferred();
  await i18next.use(initReactI18next).init({
    lng: asked,
    fallbackLng: false,
    ns: [],
    defaultNS: "common",
    resources: {},
    interpolation: { escapeValue: false }, // React escapes
    react: { useSuspense: false },
    returnNull: false,
  });
  await fill(asked);
  document.documentElement.lang = asked;
  await i18next.changeLanguage(asked);
}

/** The words change when all of them are there; of two choices the later one stands. */
export async function chooseLanguage(language: Language): Promise<void> {
  asked = language;
  await fill(language);
  if (asked !== language) {
    return;
  }
  localStorage.setItem(STORED, language);
  document.documentElement.lang = language;
  await i18next.changeLanguage(language);
}

export function currentLanguage(): Language {
  const language = i18next.language;
  return isLanguage(language) ? language : "en";
}
