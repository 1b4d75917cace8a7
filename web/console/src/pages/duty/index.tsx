// Duty: who answers which queue of notices, who stands in, who is away, who is on shift; and whether the
// people are enough for what was promised.
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { Route, Routes } from "react-router-dom";
import { Page } from "@/ui";
import { SubNav } from "../parts";
import { Duties } from "./Duties";
import { Staffing } from "./Staffing";

export default function DutyPage() {
  const { t } = useTranslation("duty");
  const nav = (
    <SubNav
      label={t("title")}
      rooms={[
        { to: "/duty", label: t("nav.duty"), end: true },
        { to: "/duty/staffing", label: t("nav.staffing") },
      ]}
    />
  );
  const part = (title: string, about: string, content: ReactElement) => (
    <Page title={title} about={about}>
      {nav}
      {content}
    </Page>
  );
  return (
    <Routes>
      <Route path="staffing" element={part(t("staffing.title"), t("staffing.about"), <Staffing />)} />
      <Route path="*" element={part(t("title"), t("about"), <Duties />)} />
    </Routes>
  );
}
