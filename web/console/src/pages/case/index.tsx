// One case: facts, view, history, decision.
import { useTranslation } from "react-i18next";
import { Empty, Page } from "@/ui";

export default function CasePage() {
  const { t } = useTranslation("case");
  return (
    <Page title={t("title")}>
      <Empty title={t("empty.title")}>{t("empty.text")}</Empty>
    </Page>
  );
}
