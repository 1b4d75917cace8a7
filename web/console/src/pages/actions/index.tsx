// What decisions ask of others, and what is owed.
import { useTranslation } from "react-i18next";
import { Empty, Page } from "@/ui";

export default function ActionsPage() {
  const { t } = useTranslation("actions");
  return (
    <Page title={t("title")}>
      <Empty title={t("empty.title")}>{t("empty.text")}</Empty>
    </Page>
  );
}
