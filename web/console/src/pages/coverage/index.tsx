// Doors, lists and rates over time.
import { useTranslation } from "react-i18next";
import { Empty, Page } from "@/ui";

export default function CoveragePage() {
  const { t } = useTranslation("coverage");
  return (
    <Page title={t("title")}>
      <Empty title={t("empty.title")}>{t("empty.text")}</Empty>
    </Page>
  );
}
