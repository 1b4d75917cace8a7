// "Is detection on?" in full: reasons, doors, lists, what is owed; and the figures over time.
import { useTranslation } from "react-i18next";
import { useMay, useOverview } from "@/api";
import { Fetched, Page } from "@/ui";
import { Detection } from "./Detection";
import { Figures } from "./Figures";

export default function CoveragePage() {
  const { t } = useTranslation("coverage");
  const may = useMay();
  const overview = useOverview();
  return (
    <Page title={t("title")} about={t("about")}>
      <Fetched query={overview}>{({ detection }) => <Detection detection={detection} />}</Fetched>
      {may("stats_read") && <Figures />}
    </Page>
  );
}
