// Accounts, roles and assignments.
import { useTranslation } from "react-i18next";
import { Empty, Page } from "@/ui";

export default function PeoplePage() {
  const { t } = useTranslation("people");
  return (
    <Page title={t("title")}>
      <Empty title={t("empty.title")}>{t("empty.text")}</Empty>
    </Page>
  );
}
