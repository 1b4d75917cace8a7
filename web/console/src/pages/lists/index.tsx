// Lists of signals: what is searched for, how each list is, and its life from import to consent.
import { useTranslation } from "react-i18next";
import { Route, Routes } from "react-router-dom";
import { useMay } from "@/api";
import { Page } from "@/ui";
import { SubNav } from "../parts";
import { ListPage } from "./ListPage";
import { Lists } from "./Lists";
import { NewList } from "./NewList";
import { Rescans } from "./Rescans";

export default function ListsPage() {
  const { t } = useTranslation("lists");
  const may = useMay();
  const changes = may("lists_change");
  const nav = (
    <SubNav
      label={t("title")}
      rooms={[
        { to: "/lists", label: t("nav.lists"), end: true },
        { to: "/lists/rescans", label: t("nav.rescans") },
        ...(changes ? [{ to: "/lists/new", label: t("nav.new") }] : []),
      ]}
    />
  );
  return (
    <Routes>
      <Route
        path="rescans"
        element={
          <Page title={t("rescans.title")} about={t("rescans.about")}>
            {nav}
            <Rescans />
          </Page>
        }
      />
      {changes && (
        <Route
          path="new"
          element={
            <Page title={t("new.title")} about={t("new.about")}>
              {nav}
              <NewList />
            </Page>
          }
        />
      )}
      <Route path="list/:id" element={<ListPage nav={nav} />} />
      <Route
        path="*"
        element={
          <Page title={t("title")} about={t("about")}>
            {nav}
            <Lists />
          </Page>
        }
      />
    </Routes>
  );
}
