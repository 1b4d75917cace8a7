import { useTranslation } from "react-i18next";
import { Page } from "@/ui";

export default function ExposurePage() {
  const { t } = useTranslation("common");
  return <Page title={t("room.exposure")}>{null}</Page>;
}
