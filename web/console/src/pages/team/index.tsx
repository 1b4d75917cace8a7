// Load and age of work.
import { useTranslation } from "react-i18next";
import { Empty, Page } from "@/ui";

export default function TeamPage() {
  const { t } = useTranslation("team");
  return (
    <Page title={t("title")}>
      <Empty title={t("empty.title")}>{t("empty.text")}</Empty>
    </Page>
  );
}
