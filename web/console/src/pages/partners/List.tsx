// All partners: what is to be confirmed again first, and who is away.
import { Button, Checkbox, NativeSelect, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Link, useNavigate } from "react-router-dom";
import { useMay } from "@/api";
import { Due, Fetched, Keys, Page, Status, Table, Time, useFilters, useShortcut, type Column } from "@/ui";
import { countryName } from "../../i18n/names";
import { usePartners } from "./queries";
import { PartnerState, byNeed, kinds, withWords, type Partner } from "./words";

const NEAR_MS = 14 * 24 * 3_600_000;

function useColumns(): readonly Column<Partner>[] {
  const { t, i18n } = useTranslation("partners");
  return [
    { id: "name", label: t("column.name"), fixed: true, cell: (of) => of.name },
    { id: "organisation", label: t("column.organisation"), cell: (of) => of.organisation ?? "" },
    { id: "kind", label: t("column.kind"), cell: (of) => <span className="nowrap">{t(`kind.${of.kind}`)}</span> },
    { id: "state", label: t("column.state"), last: true, cell: (of) => <PartnerState of={of} /> },
    { id: "role", label: t("column.role"), cell: (of) => of.role !== undefined && <span className="nowrap">{of.role}</span> },
    { id: "phone", label: t("column.phone"), last: true, cell: (of) => (of.phone === undefined ? "" : <span className="nowrap">{of.phone}</span>) },
    { id: "email", label: t("column.email"), cell: (of) => of.email !== undefined && <span className="nowrap">{of.email}</span> },
    { id: "deputy", label: t("column.deputy"), cell: (of) => of.deputy_name ?? "" },
    { id: "confirm", label: t("column.confirm_by"), cell: (of) => (of.ended_at === undefined && of.confirm_by !== undefined ? <Due at={of.confirm_by} nearMs={NEAR_MS} /> : "") },
    { id: "country", label: t("column.country"), hidden: true, cell: (of) => (of.country === undefined || of.country === "" ? "" : countryName(of.country, i18n.language)) },
    { id: "confirmed", label: t("column.confirmed"), hidden: true, cell: (of) => <Time at={of.confirmed_at} /> },
  ];
}

export function List() {
  const { t, i18n } = useTranslation("partners");
  const may = useMay();
  const navigate = useNavigate();
  const columns = useColumns();
  const { filters, set } = useFilters(["kind", "ended", "words"] as const);
  const query = usePartners(filters.ended === "true");
  const manages = may("partner_manage");
  useShortcut("n", t("new.title"), () => navigate("/partners/new"), { enabled: manages });
  return (
    <Page
      title={t("title")}
      about={t("about")}
      tools={
        manages && (
          <Button component={Link} to="/partners/new" variant="default">
            {t("new.button")}&nbsp;
            <Keys keys="n" />
          </Button>
        )
      }
    >
      <div className="filters" role="search" aria-label={t("filters")}>
        <NativeSelect
          size="xs"
          label={t("column.kind")}
          value={filters.kind ?? ""}
          onChange={(event) => set({ kind: event.currentTarget.value })}
          data={[{ value: "", label: t("any") }, ...kinds.map((each) => ({ value: each, label: t(`kind.${each}`) }))]}
        />
        <TextInput size="xs" w={220} label={t("words")} maxLength={100} value={filters.words ?? ""} onChange={(event) => set({ words: event.currentTarget.value })} />
        <Checkbox label={t("with_ended")} checked={filters.ended === "true"} onChange={(event) => set({ ended: event.currentTarget.checked ? "true" : "" })} />
      </div>
      <Fetched query={query}>
        {({ items, stale }) => (
          <>
            {stale > 0 && <Status kind="warn">{t("stale", { count: stale })}</Status>}
            <Table
              name="partners"
              label={t("title")}
              columns={columns}
              rows={byNeed(withWords(items, filters.words ?? ""), i18n.language).filter((of) => filters.kind === undefined || of.kind === filters.kind)}
              rowKey={(of) => of.id}
              href={(of) => `/partners/${of.id}`}
              empty={{ title: t("empty.title"), text: t("empty.text") }}
            />
          </>
        )}
      </Fetched>
    </Page>
  );
}
