// New recovery codes: shown once, in no cache; the old ones are void from then on.
import { Button } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, ask } from "@/api";
import { ConfirmButton, Failure, Section, Status } from "@/ui";
import { Row, Stack, saveText } from "../parts";

export function RecoveryCodes() {
  const { t } = useTranslation("settings");
  const renew = useMutation({ mutationFn: () => ask(api.POST("/v1/me/recovery-codes")), gcTime: 0 });
  const codes = renew.data?.recovery_codes;
  return (
    <Section title={t("codes.title")}>
      <Stack>
        <p>{t("codes.about")}</p>
        {renew.error && <Failure error={renew.error} />}
        {codes ? (
          <>
            <div role="status">
              <Status kind="warn">{t("codes.once")}</Status>
            </div>
            <ul className="codes" aria-label={t("codes.title")}>
              {codes.map((code) => (
                <li key={code}>{code}</li>
              ))}
            </ul>
            <Row>
              <Button variant="default" onClick={() => saveText("tutela-recovery-codes.txt", "text/plain", codes.join("\n") + "\n")}>
                {t("codes.save")}
              </Button>
              <Button onClick={() => renew.reset()}>{t("codes.kept")}</Button>
            </Row>
          </>
        ) : (
          <Row>
            <ConfirmButton
              label={t("codes.renew")}
              title={t("codes.sure")}
              consequence={t("codes.consequence")}
              busy={renew.isPending}
              onConfirm={() => renew.mutate()}
            />
          </Row>
        )}
      </Stack>
    </Section>
  );
}
