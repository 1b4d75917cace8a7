// What waits for a decision.
import { useTranslation } from "react-i18next";
import { Empty, Page } from "@/ui";

export default function QueuePage() {
  const { t } = useTranslation("queue");
  return (
    <Page title={t("title")}>
      <Empty title={t("empty.title")}>{t("empty.text")}</Empty>
    </Page>
  );
}
