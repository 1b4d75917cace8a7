// Lists of signals and their health.
import { useTranslation } from "react-i18next";
import { Empty, Page } from "@/ui";

export default function ListsPage() {
  const { t } = useTranslation("lists");
  return (
    <Page title={t("title")}>
      <Empty title={t("empty.title")}>{t("empty.text")}</Empty>
    </Page>
  );
}
