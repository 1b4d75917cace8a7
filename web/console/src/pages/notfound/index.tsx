import { useTranslation } from "react-i18next";
import { Link } from "react-router-dom";
import { Page } from "@/ui";

export default function NotFoundPage() {
  const { t } = useTranslation("common");
  return (
    <Page title={t("notfound.title")} about={t("notfound.text")} narrow>
      <p>
        <Link to="/">{t("notfound.home")}</Link>
      </p>
    </Page>
  );
}
