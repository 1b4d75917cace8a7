// The first password, with the code of an invitation: /invitation, or /invitation#CODE.
import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router-dom";
import { ask } from "@/api";
import { session } from "@/api/client";
import { useStep } from "./useStep";

export default function Invitation() {
  const { t } = useTranslation("signin");
  const [code, setCode] = useState(() => decodeURIComponent(window.location.hash.slice(1)));
  const [password, setPassword] = useState("");
  const [again, setAgain] = useState("");
  const [done, setDone] = useState(false);
  const differ = again !== "" && again !== password;
  const step = useStep(async () => {
    await ask(session.POST("/v1/invitation", { body: { code: code.trim(), password } }));
    setDone(true);
  });
  return (
    <main className="gate">
      <div className="gate-box">
        <p className="strip-name">Tutela</p>
        <h1>{t("invitation.title")}</h1>
        {done ? (
          <>
            <p role="status">{t("invitation.done")}</p>
            <p>
              <Link to="/">{t("invitation.to_sign_in")}</Link>
            </p>
          </>
        ) : (
          <form onSubmit={step.submit}>
            <TextInput
              label={t("invitation.code")}
              value={code}
              onChange={(event) => setCode(event.currentTarget.value)}
              autoComplete="off"
              required
              withAsterisk={false}
              autoFocus={code === ""}
            />
            <PasswordInput
              label={t("invitation.password")}
              description={t("invitation.hint")}
              value={password}
              onChange={(event) => setPassword(event.currentTarget.value)}
              error={step.problem}
              autoComplete="new-password"
              minLength={12}
              required
              withAsterisk={false}
            />
            <PasswordInput
              label={t("invitation.repeat")}
              value={again}
              onChange={(event) => setAgain(event.currentTarget.value)}
              error={differ ? t("invitation.differ") : undefined}
              autoComplete="new-password"
              required
              withAsterisk={false}
            />
            <Button type="submit" loading={step.busy} disabled={differ}>
              {t("invitation.accept")}
            </Button>
            <p>
              <Link to="/">{t("invitation.to_sign_in")}</Link>
            </p>
          </form>
        )}
      </div>
    </main>
  );
}
