// What whoever sent a notice reads as its answer: the sentences of the public pages themselves
// (scripts/sentences.mjs), so that nobody here is shown others than are sent.
import given from "./sentences.json";
import type { NoticeOutcome } from "./words";

const languages = ["en", "de"] as const satisfies readonly (keyof typeof given)[];

interface Sentences {
  language: string; // that they are in
  texts: string[]; // a paragraph each
}

/** In the language of the notice; where the public pages do not speak it, in English, as they do then. */
export function sentencesOf(outcome: NoticeOutcome, language: string): Sentences {
  const known = languages.find((each) => each === language.split("-")[0]) ?? "en";
  return { language: known, texts: given[known][outcome].split("\n\n") };
}
