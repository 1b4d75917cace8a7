// All cases, by filters.
import { useTranslation } from "react-i18next";
import { Empty, Page } from "@/ui";

export default function CasesPage() {
  const { t } = useTranslation("case");
  return (
    <Page title={t("list.title")}>
      <Empty title={t("list.empty.title")}>{t("list.empty.text")}</Empty>
    </Page>
  );
}
