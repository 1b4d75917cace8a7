import { Button, Loader, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ask, type ApiError, type Schemas } from "@/api";
import { session } from "@/api/client";
import { Failure } from "@/ui";
import { Qr } from "./Qr";
import { useStep } from "./useStep";

interface EnrolProps {
  onEnrolled: (session: Schemas["Enrolled"]) => void;
  onBack: () => void;
}

export function Enrol({ onEnrolled, onBack }: EnrolProps) {
  const { t } = useTranslation("signin");
  const [code, setCode] = useState("");
  // Asked once: each asking makes another secret.
  const seed = useQuery<Schemas["Enrolment"], ApiError>({
    queryKey: ["enrolment"],
    queryFn: () => ask(session.POST("/v1/session/enrolment")),
    staleTime: Infinity,
    gcTime: 0,
    retry: false,
    refetchOnWindowFocus: false,
  });
  const step = useStep(
    async () => onEnrolled(await ask(session.POST("/v1/session/enrolment/code", { body: { code: code.trim() } }))),
    () => setCode(""),
  );
  return (
    <>
      <h1>{t("enrol.title")}</h1>
      <p>{t("enrol.text")}</p>
      {seed.isError && <Failure error={seed.error} onRetry={() => void seed.refetch()} />}
      {seed.isPending && <Loader size="sm" type="dots" />}
      {seed.data && (
        <>
          <Qr text={seed.data.uri} label={t("enrol.qr")} />
          <dl className="facts">
            <dt>{t("enrol.secret")}</dt>
            <dd className="mono">{seed.data.secret.match(/.{1,4}/g)?.join(" ")}</dd>
          </dl>
          <form onSubmit={step.submit}>
            <TextInput
              label={t("enrol.label")}
              value={code}
              onChange={(event) => setCode(event.currentTarget.value)}
              error={step.problem}
              inputMode="numeric"
              autoComplete="one-time-code"
              required
              withAsterisk={false}
              autoFocus
            />
            <Button type="submit" loading={step.busy}>
              {t("code.give")}
            </Button>
            <Button variant="subtle" onClick={onBack}>
              {t("code.back")}
            </Button>
          </form>
        </>
      )}
    </>
  );
}
