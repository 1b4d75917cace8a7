// What whoever sent a notice reads, in their language and letter for letter: the sentences of the public
// page (sentences.ts), and below them what one of us adds.
import { useTranslation } from "react-i18next";
import { languageName } from "../../i18n/names";
import styles from "./notices.module.css";
import { sentencesOf } from "./sentences";
import { type NoticeOutcome } from "./words";

interface ReadsProps {
  outcome: NoticeOutcome;
  language: string; // of the notice
  added: string;
}

export function Reads({ outcome, language, added }: ReadsProps) {
  const { t, i18n } = useTranslation("notices");
  const sentences = sentencesOf(outcome, language);
  return (
    <div className={styles.reads} role="group" aria-label={t("reads.label")}>
      <p className="dim">{t("reads.about", { language: languageName(sentences.language, i18n.language) })}</p>
      {sentences.texts.map((text) => (
        <p key={text} lang={sentences.language}>
          {text}
        </p>
      ))}
      {added !== "" && (
        <p className={styles.typed} lang={language} dir="auto">
          {added}
        </p>
      )}
    </div>
  );
}
