// An invitation, shown this once: it is in no cache and goes when it was passed on.
import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api";
import { Section, Status, Time, notify } from "@/ui";
import { Facts, Mono, Row, Stack } from "../parts";

export function Invitation({ invited, onKept }: { invited: Schemas["Invited"]; onKept: () => void }) {
  const { t } = useTranslation("people");
  const copy = () => {
    void navigator.clipboard.writeText(invited.link ?? invited.invitation).then(
      () => notify({ kind: "ok", text: t("invitation.copied") }),
      () => notify({ kind: "warn", text: t("invitation.not_copied") }),
    );
  };
  return (
    <Section title={t("invitation.title", { name: invited.name })}>
      <Stack>
        <div role="status">
          <Status kind="warn">{t("invitation.once")}</Status>
        </div>
        <Facts
          rows={[
            [t("invitation.code"), <Mono key="code">{invited.invitation}</Mono>],
            [t("invitation.link"), invited.link !== undefined && <Mono key="link">{invited.link}</Mono>],
            [t("invitation.ends"), <Time key="ends" at={invited.invitation_ends_at} />],
          ]}
        />
        <p>{t("invitation.how")}</p>
        <Row>
          <Button variant="default" onClick={copy}>
            {t("invitation.copy")}
          </Button>
          <Button onClick={onKept}>{t("invitation.kept")}</Button>
        </Row>
      </Stack>
    </Section>
  );
}
