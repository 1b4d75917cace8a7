import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, ask } from "@/api";
import { Fetched, Section } from "@/ui";
import { Facts } from "../parts";

export function Version() {
  const { t } = useTranslation("settings");
  const query = useQuery({ queryKey: ["version"], queryFn: ({ signal }) => ask(api.GET("/version", { signal })), staleTime: 60_000 });
  return (
    <Section title={t("version.title")}>
      <Fetched query={query}>
        {(version) => (
          <Facts
            rows={[
              [t("version.server"), version.version],
              [t("version.api"), version.api],
            ]}
          />
        )}
      </Fetched>
    </Section>
  );
}
