// Settings: one's own account, and for who runs the server the configuration that runs.
import { useTranslation } from "react-i18next";
import { Route, Routes } from "react-router-dom";
import { useMay } from "@/api";
import { Page } from "@/ui";
import { SubNav } from "../parts";
import { Account } from "./Account";
import { Configuration } from "./Configuration";

export default function SettingsPage() {
  const { t } = useTranslation("settings");
  const may = useMay();
  const reads = may("settings_read");
  const nav = (
    <SubNav
      label={t("title")}
      rooms={[
        { to: "/settings", label: t("nav.account"), end: true },
        ...(reads ? [{ to: "/settings/configuration", label: t("nav.configuration") }] : []),
      ]}
    />
  );
  return (
    <Routes>
      {reads && (
        <Route
          path="configuration"
          element={
            <Page title={t("configuration.title")} about={t("configuration.about")}>
              {nav}
              <Configuration />
            </Page>
          }
        />
      )}
      <Route
        path="*"
        element={
          <Page title={t("title")}>
            {nav}
            <Account />
          </Page>
        }
      />
    </Routes>
  );
}
