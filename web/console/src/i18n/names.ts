// Names of languages and countries, in the language of the console; their codes where it has none.

/** "German" of "de", in the language of the console. */
export function languageName(language: string, inLanguage: string): string {
  try {
    return new Intl.DisplayNames(inLanguage, { type: "language" }).of(language) ?? language;
  } catch {
    return language;
  }
}

/** "Germany" of "DE". */
export function countryName(country: string, inLanguage: string): string {
  try {
    return new Intl.DisplayNames(inLanguage, { type: "region" }).of(country) ?? country;
  } catch {
    return country;
  }
}
