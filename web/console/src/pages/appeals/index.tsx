// Appeals that wait, and their answers.
import { useTranslation } from "react-i18next";
import { Empty, Page } from "@/ui";

export default function AppealsPage() {
  const { t } = useTranslation("appeals");
  return (
    <Page title={t("title")}>
      <Empty title={t("empty.title")}>{t("empty.text")}</Empty>
    </Page>
  );
}
