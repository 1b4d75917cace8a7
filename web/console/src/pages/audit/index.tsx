// The log of every change and every access: search, one entry with its proof, the checkpoint.
import { useTranslation } from "react-i18next";
import { Route, Routes } from "react-router-dom";
import { Page } from "@/ui";
import { SubNav } from "../parts";
import { Checkpoint } from "./Checkpoint";
import { Entry } from "./Entry";
import { Search } from "./Search";

export default function AuditPage() {
  const { t } = useTranslation("audit");
  const nav = (
    <SubNav
      label={t("title")}
      rooms={[
        { to: "/audit", label: t("nav.entries"), end: true },
        { to: "/audit/checkpoint", label: t("nav.checkpoint") },
      ]}
    />
  );
  return (
    <Routes>
      <Route path="entry/:index" element={<Entry nav={nav} />} />
      <Route
        path="checkpoint"
        element={
          <Page title={t("checkpoint.title")} about={t("checkpoint.about")}>
            {nav}
            <Checkpoint />
          </Page>
        }
      />
      <Route
        path="*"
        element={
          <Page title={t("title")} about={t("about")}>
            {nav}
            <Search />
          </Page>
        }
      />
    </Routes>
  );
}
