// Signing in: password, then the second factor or its set-up, then, once, the recovery codes.
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router-dom";
import type { Schemas } from "@/api";
import { refreshMe } from "@/api/session";
import { setCsrf } from "@/api/transport";
import { Enrol } from "./Enrol";
import { Password } from "./Password";
import { Recovery } from "./Recovery";
import { SecondFactor } from "./SecondFactor";

type Step =
  | { at: "password" }
  | { at: "enrol" }
  | { at: "second_factor" }
  | { at: "recovery"; codes: readonly string[] };

export default function SignIn({ ended, name }: { ended: boolean; name: string | undefined }) {
  const { t } = useTranslation("signin");
  const [step, setStep] = useState<Step>({ at: "password" });
  const open = async (session: Schemas["Session"]) => {
    setCsrf(session.csrf);
    if (session.stage === "open") {
      await refreshMe();
    } else {
      setStep({ at: session.stage });
    }
  };
  const enrolled = (session: Schemas["Enrolled"]) => {
    setCsrf(session.csrf);
    setStep({ at: "recovery", codes: session.recovery_codes });
  };
  const back = () => setStep({ at: "password" });
  return (
    <main className="gate">
      <div className="gate-box">
        <p className="strip-name">Tutela</p>
        {step.at === "password" && (
          <>
            <h1>{ended ? t("ended.title") : t("title")}</h1>
            {ended && (
              <p>
                {t("ended.text")} {name !== undefined && t("ended.other", { name })}
              </p>
            )}
            <Password usual={ended ? (name ?? "") : ""} onSession={open} />
            {!ended && (
              <p>
                <Link to="/invitation">{t("invitation.link")}</Link>
              </p>
            )}
          </>
        )}
        {step.at === "second_factor" && <SecondFactor onSession={open} onBack={back} />}
        {step.at === "enrol" && <Enrol onEnrolled={enrolled} onBack={back} />}
        {step.at === "recovery" && <Recovery codes={step.codes} onKept={refreshMe} />}
      </div>
    </main>
  );
}
