// The first thing one sees: is detection on, door by door; what waits; one's own exposure.
import { useTranslation } from "react-i18next";
import { Link } from "react-router-dom";
import { useOverview } from "@/api";
import { Fetched, Page, Section } from "@/ui";
import { Detection } from "./Detection";
import { Rest } from "../exposure/Rest";
import { WaitingNow } from "./WaitingNow";

export default function OverviewPage() {
  const { t } = useTranslation("overview");
  const overview = useOverview();
  return (
    <Page title={t("title")}>
      <Fetched query={overview}>
        {({ detection, waiting, exposure }) => (
          <>
            <div className="columns">
              {waiting && <WaitingNow waiting={waiting} />}
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
