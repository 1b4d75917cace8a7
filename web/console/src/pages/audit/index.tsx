// The log of every change and access.
import { useTranslation } from "react-i18next";
import { Empty, Page } from "@/ui";

export default function AuditPage() {
  const { t } = useTranslation("audit");
  return (
    <Page title={t("title")}>
      <Empty title={t("empty.title")}>{t("empty.text")}</Empty>
    </Page>
  );
}
