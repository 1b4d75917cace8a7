import { useTranslation } from "react-i18next";
import { Page } from "@/ui";

export default function OverviewPage() {
  const { t } = useTranslation("common");
  return <Page title={t("room.home")}>{null}</Page>;
}
