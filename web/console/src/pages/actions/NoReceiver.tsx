// Nobody is told of what decisions ask for: what that means, and the lines that change it.
import { useTranslation } from "react-i18next";
import { Section, Status } from "@/ui";
import { Note, Stack } from "../parts";
import styles from "../parts/parts.module.css";

const LINES = `[webhook]
url = "https://example.org/tutela"

[cases]
on_confirmed = "content.remove account.suspend"
on_cleared = "content.release"`;

export function NoReceiver() {
  const { t } = useTranslation("actions");
  return (
    <Section title={t("receiver.title")}>
      <Stack>
        <Status kind="warn">{t("receiver.none")}</Status>
        <details>
          <summary>{t("receiver.what_to_do")}</summary>
          <Stack>
            <p>{t("receiver.how")}</p>
            <pre className={styles.pre}>{LINES}</pre>
            <Note>{t("receiver.secret")}</Note>
            <pre className={styles.pre}>TUTELA_WEBHOOK__SECRETS_FILE=/etc/tutela/webhook.secrets</pre>
            <Note>{t("receiver.after")}</Note>
          </Stack>
        </details>
      </Stack>
    </Section>
  );
}
