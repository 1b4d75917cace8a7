import { useTranslation } from "react-i18next";
import { Page } from "@/ui";

export default function SupportPage() {
  const { t } = useTranslation("common");
  return <Page title={t("room.support")}>{null}</Page>;
}
