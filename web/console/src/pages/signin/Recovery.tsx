import { Button, Checkbox } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";

export function Recovery({ codes, onKept }: { codes: readonly string[]; onKept: () => void }) {
  const { t } = useTranslation("signin");
  const [kept, keep] = useState(false);
  return (
    <>
      <h1>{t("recovery.title")}</h1>
      <p>{t("recovery.text")}</p>
      <ul className="codes" aria-label={t("recovery.list")}>
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
      <Checkbox label={t("recovery.kept")} checked={kept} onChange={(event) => keep(event.currentTarget.checked)} />
      <Button disabled={!kept} onClick={onKept}>
        {t("recovery.go")}
      </Button>
    </>
  );
}
