import { Loader } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { ask, type ApiError, type Schemas } from "@/api";
import { session } from "@/api/client";
import { Failure } from "@/ui";
import { CodeForm } from "./CodeForm";
import { Qr } from "./Qr";

interface EnrolProps {
  onEnrolled: (session: Schemas["Enrolled"]) => void;
  onBack: () => void;
}

export function Enrol({ onEnrolled, onBack }: EnrolProps) {
  const { t } = useTranslation("signin");
  // Asked once: each asking makes another secret.
  const seed = useQuery<Schemas["Enrolment"], ApiError>({
    queryKey: ["enrolment"],
    queryFn: () => ask(session.POST("/v1/session/enrolment")),
    staleTime: Infinity,
    gcTime: 0,
    retry: false,
    refetchOnWindowFocus: false,
  });
  return (
    <>
      <h1>{t("enrol.title")}</h1>
      <p>{t("enrol.text")}</p>
      {seed.isError && <Failure error={seed.error} of="reading" onRetry={() => void seed.refetch()} />}
      {seed.isPending && <Loader size="sm" type="dots" />}
      {seed.data && (
        <>
          <Qr text={seed.data.uri} label={t("enrol.qr")} />
          <dl className="facts">
            <dt>{t("enrol.secret")}</dt>
            <dd className="mono">{seed.data.secret.match(/.{1,4}/g)?.join(" ")}</dd>
          </dl>
          <CodeForm
            label={t("enrol.label")}
            numeric
            send={async (code) => onEnrolled(await ask(session.POST("/v1/session/enrolment/code", { body: { code } })))}
            onBack={onBack}
          />
        </>
      )}
    </>
  );
}
