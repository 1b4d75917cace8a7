import { Button, Checkbox } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useStep } from "./useStep";

export function Recovery({ codes, onKept }: { codes: readonly string[]; onKept: () => Promise<void> }) {
  const { t } = useTranslation("signin");
  const [kept, keep] = useState(false);
  const step = useStep(onKept);
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
      <form onSubmit={step.submit}>
        {step.problem !== undefined && <p role="alert">{step.problem}</p>}
        <Button type="submit" disabled={!kept} loading={step.busy}>
          {t("recovery.go")}
        </Button>
      </form>
    </>
  );
}
