// The first thing one sees: is detection on, door by door; how long cases wait; one's own exposure.
import { useTranslation } from "react-i18next";
import { Link } from "react-router-dom";
import { useMay, useOverview } from "@/api";
import { Fetched, Page, Section } from "@/ui";
import { Detection } from "./Detection";
import { QueueAge } from "./QueueAge";
import { Rest } from "../exposure/Rest";

export default function OverviewPage() {
  const { t } = useTranslation("overview");
  const overview = useOverview();
  const may = useMay();
  return (
    <Page title={t("title")}>
      <Fetched query={overview}>
        {({ detection, exposure }) => (
          <>
            <div className="columns">
              {may("case_read") && <QueueAge />}
              <Section title={t("exposure.title")}>
                <Rest exposure={exposure} />
                <p>
                  <Link to="/exposure">{t("exposure.more")}</Link>
                </p>
              </Section>
            </div>
            <Detection detection={detection} />
          </>
        )}
      </Fetched>
    </Page>
  );
}
