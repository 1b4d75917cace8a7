// What others owe because of decisions, debts first; and the messages that did not reach them.
import { Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "react-router-dom";
import { api, ask, useMay, type Schemas } from "@/api";
import { Fetched, Page, Section, Status, Table, Time, useFilters, useFormats, type Column, type StatusKind } from "@/ui";
import { Deliveries } from "./Deliveries";
import { NoReceiver } from "./NoReceiver";
import { isOwed, merge, useFailureText } from "./words";

type CaseAction = Schemas["CaseAction"];
type State = CaseAction["state"];

const LIMIT = 200;
const shows = ["owed", "failed", "waiting", "done"] as const;
type Shows = (typeof shows)[number];
const kinds: Record<State, StatusKind> = { waiting: "busy", done: "ok", failed: "bad" };
const known = ["content_remove", "content_release", "content_restore", "content_statement", "account_suspend", "account_restore", "signal_dispute", "report_correct"] as const;

function showsOf(text: string | undefined): Shows {
  return shows.find((each) => each === text) ?? "owed";
}

async function fetchActions(shown: Shows, of: string | undefined, signal: AbortSignal): Promise<Schemas["ActionPage"]> {
  const states: State[] = shown === "owed" ? ["failed", "waiting"] : [shown];
  const pages = await Promise.all(
    states.map((state) =>
      ask(api.GET("/v1/actions", { params: { query: { state, limit: LIMIT, ...(of === undefined ? {} : { case: of }) } }, signal })),
    ),
  );
  return merge(pages);
}

function useKindText(): (kind: string) => string {
  const { t } = useTranslation("actions");
  return (kind) => {
    const word = known.find((each) => each === kind.replace(".", "_"));
    return word === undefined ? kind : t(`kind.${word}`);
  };
}

function useColumns(): Column<CaseAction>[] {
  const { t } = useTranslation("actions");
  const kindText = useKindText();
  const failureText = useFailureText();
  return [
    { id: "kind", label: t("column.kind"), cell: (row) => kindText(row.kind), fixed: true },
    {
      id: "state",
      label: t("column.state"),
      cell: (row) => <Status kind={kinds[row.state]}>{t(`state.${row.state}`)}</Status>,
      fixed: true,
    },
    { id: "failure", label: t("column.failure"), cell: (row) => (row.failure ? failureText(row.failure) : "") },
    { id: "target", label: t("column.target"), cell: (row) => <span className="mono">{row.target}</span> },
    { id: "at", label: t("column.at"), cell: (row) => <Time at={row.at} /> },
    { id: "done", label: t("column.done"), cell: (row) => (row.done_at === undefined ? "" : <Time at={row.done_at} />) },
    {
      id: "case",
      label: t("column.case"),
      cell: (row) => <Link to={`/actions?state=${row.state}&case=${row.case}`}>{t("of_case")}</Link>,
      hidden: true,
    },
  ];
}

function Debts({ items }: { items: readonly CaseAction[] }) {
  const { t } = useTranslation("actions");
  const formats = useFormats();
  const owed = items.filter(isOwed);
  const oldest = owed.reduce<string | undefined>((first, each) => (first === undefined || each.at < first ? each.at : first), undefined);
  if (oldest === undefined) {
    return <Status kind="ok">{t("owes_nothing")}</Status>;
  }
  return (
    <Status kind={owed.some((each) => each.state === "failed") ? "bad" : "warn"}>
      {t("owes", { count: owed.length, owed: formats.number(owed.length) })} <Time at={oldest} />
    </Status>
  );
}

export default function ActionsPage() {
  const { t } = useTranslation("actions");
  const may = useMay();
  const columns = useColumns();
  const { filters, set, any } = useFilters(["state", "case"] as const);
  const shown = showsOf(filters.state);
  const query = useQuery<Schemas["ActionPage"]>({
    queryKey: ["actions", shown, filters.case],
    queryFn: ({ signal }) => fetchActions(shown, filters.case, signal),
    refetchInterval: 10_000,
  });
  return (
    <Page title={t("title")} about={t("about")}>
      {query.data?.receiver === false && <NoReceiver />}
      <Section title={t("asked")}>
        <div className="page">
          <div className="filters">
            <Select
              label={t("filter.state")}
              data={shows.map((each) => ({ value: each, label: t(`filter.${each}`) }))}
              value={shown}
              onChange={(value) => set({ state: value ?? undefined })}
              w={220}
            />
            {filters.case !== undefined && (
              <p>
                {t("filter.one_case")} <Link to={`/actions?state=${shown}`}>{t("filter.all_cases")}</Link>
              </p>
            )}
          </div>
          <Fetched query={query}>
            {(page) => (
              <>
                {shown !== "done" && page.items.length > 0 && <p><Debts items={page.items} /></p>}
                <Table
                  name="actions"
                  label={t("asked")}
                  columns={columns}
                  rows={page.items}
                  rowKey={(row) => row.id}
                  {...(may("case_read") ? { href: (row: CaseAction) => `/cases/${row.case}` } : {})}
                  empty={
                    shown === "owed" && !any
                      ? { title: t("empty.title"), text: t("empty.text") }
                      : { title: t("none.title"), text: t("none.text") }
                  }
                />
                {page.items.length >= LIMIT && <p className="dim">{t("most", { count: LIMIT })}</p>}
              </>
            )}
          </Fetched>
        </div>
      </Section>
      {may("action_manage") && <Deliveries receiver={query.data?.receiver !== false} />}
    </Page>
  );
}
