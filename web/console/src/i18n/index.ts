// Languages. Catalogues are src/locales/<language>/<namespace>.json; a language is one chunk that is
// fetched when it is chosen. English is what others fall back to, and the catalogue test allows none.
import i18next from "i18next";
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

async function load(language: Language): Promise<void> {
  const own = Object.entries(files).filter(([path]) => path.includes(`/locales/${language}/`));
  await Promise.all(
    own.map(async ([path, read]) => {
      const namespace = path.slice(path.lastIndexOf("/") + 1, -".json".length);
      i18next.addResourceBundle(language, namespace, await read(), true, true);
    }),
  );
}

export async function startLanguages(): Promise<void> {
  const language = preferred();
  await i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: false,
    ns: [],
    defaultNS: "common",
    resources: {},
    interpolation: { escapeValue: false }, // React escapes
    react: { useSuspense: false },
    returnNull: false,
  });
  await load(language);
  document.documentElement.lang = language;
  await i18next.changeLanguage(language);
}

export async function chooseLanguage(language: Language): Promise<void> {
  await load(language);
  localStorage.setItem(STORED, language);
  document.documentElement.lang = language;
  await i18next.changeLanguage(language);
}

export function currentLanguage(): Language {
  const language = i18next.language;
  return isLanguage(language) ? language : "en";
}
