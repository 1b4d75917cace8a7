// A link that somebody outside sent. It is text: nothing of it is ever loaded, and it leads nowhere before
// a person was told what that means and said so.
import { Button, Group, Modal } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import styles from "./notices.module.css";

/** What a browser would open; undefined where it is no address of the web, or hides another one. */
export function webAddress(text: string): URL | undefined {
  try {
    const url = new URL(text);
    return (url.protocol === "https:" || url.protocol === "http:") && url.username === "" && url.password === "" ? url : undefined;
  } catch {
    return undefined;
  }
}

export function Outside({ link }: { link: string }) {
  const { t } = useTranslation(["notices", "common"]);
  const [asking, ask] = useState(false);
  const url = webAddress(link);
  return (
    <span className={styles.link}>
      <bdi className={`mono ${styles.typed ?? ""}`}>{link}</bdi>
      {url !== undefined && (
        <Button size="compact-xs" variant="default" onClick={() => ask(true)} aria-label={t("notices:outside.button_of", { host: url.host })}>
          {t("notices:outside.button")}
        </Button>
      )}
      {asking && url !== undefined && (
        <Modal opened onClose={() => ask(false)} title={t("notices:outside.title")} closeButtonProps={{ "aria-label": t("common:action.close") }}>
          <div className="page">
            <p>{t("notices:outside.text")}</p>
            <p>
              {t("notices:outside.host")} <b className="mono">{url.host}</b>
            </p>
            <p className={`mono dim ${styles.typed ?? ""}`}>{url.href}</p>
            <p className="dim">{t("notices:outside.instead")}</p>
            <Group justify="flex-end" gap="sm">
              <Button variant="default" onClick={() => ask(false)} data-autofocus>
                {t("common:action.cancel")}
              </Button>
              <Button component="a" color="danger" href={url.href} target="_blank" rel="noopener noreferrer nofollow" referrerPolicy="no-referrer" onClick={() => ask(false)}>
                {t("notices:outside.open")}
              </Button>
            </Group>
          </div>
        </Modal>
      )}
    </span>
  );
}
