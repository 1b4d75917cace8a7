// What somebody outside said, as they said it: text, links, accounts, and chats with who said what when.
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api";
import { Mono } from "../parts";
import { Outside } from "./Outside";
import styles from "./notices.module.css";

function Said({ messages }: { messages: Schemas["NoticeBody"]["messages"] }) {
  const { t } = useTranslation("notices");
  const [first] = messages.map(({ who }) => who);
  return (
    <ol className={styles.talk} aria-label={t("words.messages")}>
      {messages.map(({ who, when, text }, at) => (
        <li key={at} data-side={who === first ? undefined : "other"}>
          <p className={styles.who}>
            <b>{who === undefined || who === "" ? t("words.nobody") : who}</b> {when !== undefined && when !== "" && <span className="dim">{when}</span>}
          </p>
          <p className={styles.typed} dir="auto">
            {text}
          </p>
        </li>
      ))}
    </ol>
  );
}

export function Told({ body, language }: { body: Schemas["NoticeBody"]; language: string }) {
  const { t } = useTranslation("notices");
  const { text, links, accounts, messages } = body;
  if (text === "" && links.length + accounts.length + messages.length === 0) {
    return <p className="dim">{t("words.none")}</p>;
  }
  return (
    <div className={styles.words}>
      {text !== "" && (
        <p className={styles.typed} lang={language} dir="auto">
          {text}
        </p>
      )}
      {links.length > 0 && (
        <div>
          <h3>{t("words.links", { count: links.length })}</h3>
          <ul className={styles.plain}>
            {links.map((link, at) => (
              <li key={at}>
                <Outside link={link} />
              </li>
            ))}
          </ul>
        </div>
      )}
      {accounts.length > 0 && (
        <div>
          <h3>{t("words.accounts", { count: accounts.length })}</h3>
          <ul className={styles.plain}>
            {accounts.map((account, at) => (
              <li key={at}>
                <bdi>
                  <Mono>{account}</Mono>
                </bdi>
              </li>
            ))}
          </ul>
        </div>
      )}
      {messages.length > 0 && (
        <div>
          <h3>{t("words.messages")}</h3>
          <p className="dim">{t("words.messages_about")}</p>
          <Said messages={messages} />
        </div>
      )}
    </div>
  );
}
