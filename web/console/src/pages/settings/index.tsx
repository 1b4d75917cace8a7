// The configuration that runs.
import { useTranslation } from "react-i18next";
import { Empty, Page } from "@/ui";

export default function SettingsPage() {
  const { t } = useTranslation("settings");
  return (
    <Page title={t("title")}>
      <Empty title={t("empty.title")}>{t("empty.text")}</Empty>
    </Page>
  );
}
