// People: accounts and roles, whose cases are whose, limits of exposure.
import { useTranslation } from "react-i18next";
import { Navigate, Route, Routes } from "react-router-dom";
import { useMay } from "@/api";
import { Page } from "@/ui";
import { SubNav, type SubRoom } from "../parts";
import { Accounts } from "./Accounts";
import { Assignments } from "./Assignments";
import { Limits } from "./Limits";
import { Roles } from "./Roles";

export default function PeoplePage() {
  const { t } = useTranslation("people");
  const may = useMay();
  const manages = may("people_manage");
  const assigns = may("evidence_assign");
  const limits = may("exposure_limit") || may("exposure_team");
  const rooms: SubRoom[] = [
    ...(manages ? [{ to: "/people", label: t("nav.accounts"), end: true }] : []),
    ...(assigns ? [{ to: "/people/cases", label: t("nav.cases") }] : []),
    ...(limits ? [{ to: "/people/limits", label: t("nav.limits") }] : []),
    { to: "/people/roles", label: t("nav.roles") },
  ];
  const nav = <SubNav label={t("title")} rooms={rooms} />;
  return (
    <Routes>
      {assigns && (
        <Route
          path="cases"
          element={
            <Page title={t("cases.title")} about={t("cases.about")}>
              {nav}
              <Assignments />
            </Page>
          }
        />
      )}
      {limits && (
        <Route
          path="limits"
          element={
            <Page title={t("limits.title")} about={t("limits.about")}>
              {nav}
              <Limits />
            </Page>
          }
        />
      )}
      <Route
        path="roles"
        element={
          <Page title={t("roles.title")} about={t("roles.about")}>
            {nav}
            <Roles />
          </Page>
        }
      />
      <Route
        path="*"
        element={
          manages ? (
            <Page title={t("title")} about={t("about")}>
              {nav}
              <Accounts />
            </Page>
          ) : (
            <Navigate to="/people/cases" replace />
          )
        }
      />
    </Routes>
  );
}
