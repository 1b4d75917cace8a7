import { useTranslation } from "react-i18next";
import { ask, type Schemas } from "@/api";
import { session } from "@/api/client";
import { CodeForm } from "./CodeForm";

interface SecondFactorProps {
  onSession: (session: Schemas["Session"]) => Promise<void>;
  onBack: () => void;
}

export function SecondFactor({ onSession, onBack }: SecondFactorProps) {
  const { t } = useTranslation("signin");
  return (
    <>
      <h1>{t("code.title")}</h1>
      <p>{t("code.text")}</p>
      <CodeForm
        label={t("code.label")}
        send={async (code) => onSession(await ask(session.POST("/v1/session/second-factor", { body: { code } })))}
        onBack={onBack}
      />
    </>
  );
}
