// Evidence: what is preserved, for what and until when, who looked at it, and what needs two people.
// No picture is ever shown here: that is the case page's, step by step.
import { useTranslation } from "react-i18next";
import { Route, Routes } from "react-router-dom";
import { useMay } from "@/api";
import { Page } from "@/ui";
import { SubNav, type SubRoom } from "../parts";
import { BreakGlass } from "./BreakGlass";
import { Disclosures } from "./Disclosures";
import { Ends } from "./Ends";
import { Holds } from "./Holds";
import { ObjectPage } from "./ObjectPage";
import { Objects } from "./Objects";
import { RequestPage } from "./RequestPage";
import { Requests } from "./Requests";

export default function EvidencePage() {
  const { t } = useTranslation("evidence");
  const may = useMay();
  const reads = may("requests_read");
  const rooms: SubRoom[] = [
    { to: "/evidence", label: t("nav.objects"), end: true },
    ...(reads ? [{ to: "/evidence/ends", label: t("nav.ends") }] : []),
    ...(may("hold_set") ? [{ to: "/evidence/holds", label: t("nav.holds") }] : []),
    ...(reads ? [{ to: "/evidence/requests", label: t("nav.requests") }] : []),
    ...(reads ? [{ to: "/evidence/break-glass", label: t("nav.glass") }] : []),
    ...(reads ? [{ to: "/evidence/disclosures", label: t("nav.disclosures") }] : []),
  ];
  const nav = <SubNav label={t("title")} rooms={rooms} />;
  return (
    <Routes>
      {reads && (
        <>
          <Route
            path="ends"
            element={
              <Page title={t("ends.title")} about={t("ends.about")}>
                {nav}
                <Ends />
              </Page>
            }
          />
          <Route
            path="requests"
            element={
              <Page title={t("requests.title")} about={t("requests.about")}>
                {nav}
                <Requests />
              </Page>
            }
          />
          <Route path="requests/:id" element={<RequestPage nav={nav} />} />
          <Route
            path="break-glass"
            element={
              <Page title={t("glass.title")} about={t("glass.about")}>
                {nav}
                <BreakGlass />
              </Page>
            }
          />
          <Route
            path="disclosures"
            element={
              <Page title={t("disclosures.title")} about={t("disclosures.about")}>
                {nav}
                <Disclosures />
              </Page>
            }
          />
        </>
      )}
      {may("hold_set") && (
        <Route
          path="holds"
          element={
            <Page title={t("holds.title")} about={t("holds.about")}>
              {nav}
              <Holds />
            </Page>
          }
        />
      )}
      <Route path="objects/:id" element={<ObjectPage nav={nav} />} />
      <Route
        path="*"
        element={
          <Page title={t("title")} about={t("about")}>
            {nav}
            <Objects />
          </Page>
        }
      />
    </Routes>
  );
}
