// What is preserved, and what others ask to be approved.
import { useTranslation } from "react-i18next";
import { Empty, Page } from "@/ui";

export default function EvidencePage() {
  const { t } = useTranslation("evidence");
  return (
    <Page title={t("title")}>
      <Empty title={t("empty.title")}>{t("empty.text")}</Empty>
    </Page>
  );
}
