// "Is detection on?" in full: how it is now, counts, bands, alarms, and how reviews went.
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { Navigate, Route, Routes } from "react-router-dom";
import { useMay } from "@/api";
import { Page } from "@/ui";
import { SubNav } from "../parts";
import { Alarms } from "./Alarms";
import { Bands } from "./Bands";
import { Counts } from "./Counts";
import { Figures } from "./Figures";
import { Now } from "./Now";

export default function CoveragePage() {
  const { t } = useTranslation("coverage");
  const figures = useMay()("stats_read");
  const nav = (
    <SubNav
      label={t("title")}
      rooms={[
        { to: "/coverage", label: t("nav.now"), end: true },
        { to: "/coverage/counts", label: t("nav.counts") },
        { to: "/coverage/bands", label: t("nav.bands") },
        { to: "/coverage/alarms", label: t("nav.alarms") },
        ...(figures ? [{ to: "/coverage/review", label: t("nav.review") }] : []),
      ]}
    />
  );
  const part = (about: string, content: ReactElement) => (
    <Page title={t("title")} about={about}>
      {nav}
      {content}
    </Page>
  );
  return (
    <Routes>
      <Route index element={part(t("about.now"), <Now />)} />
      <Route path="counts" element={part(t("about.counts"), <Counts />)} />
      <Route path="bands" element={part(t("about.bands"), <Bands />)} />
      <Route path="alarms" element={part(t("about.alarms"), <Alarms />)} />
      {figures && <Route path="review" element={part(t("about.review"), <Figures />)} />}
      <Route path="*" element={<Navigate to="/coverage" replace />} />
    </Routes>
  );
}
