// Reports, debts first: what waits for a person with the reason, what is due, what is being filed,
// drafts; then what is finished. With filters, page by page.
import { Button, NativeSelect, TextInput } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate } from "react-router-dom";
import { api, ask, useMay, useMe, useReportSummary } from "@/api";
import { Due, Fetched, Keys, Page, Section, Status, Table, Time, useFilters, usePaging, useShortcut, type Column } from "@/ui";
import type { operations } from "../../api/schema";
import { useNow } from "../../i18n/now";
import { Phones } from "./Phones";
import styles from "./reports.module.css";
import { EnvironmentWord, Marks, StateWord, byDebt, isOpen, shortId, states, useAuthorityName, useNextText, type Report, type ReportState, type ReportSummary } from "./words";

const names = ["state", "debts", "case", "account", "authority"] as const;
type Filters = Partial<Record<(typeof names)[number], string>>;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
type ReportQuery = NonNullable<operations["listReports"]["parameters"]["query"]>;
const POLL_MS = 10_000;
const OPEN_LIMIT = 200;
const LATEST = 10;

/** An address may hold anything: what the server would not take is left out. */
export function queryOf(filters: Filters) {
  return {
    state: states.find((each) => each === filters.state),
    debts: filters.debts === "true" ? true : undefined,
    case: filters.case !== undefined && UUID.test(filters.case) ? filters.case : undefined,
    account: filters.account?.slice(0, 256),
    authority: filters.authority?.slice(0, 32),
  };
}

function useColumns(): readonly Column<Report>[] {
  const { t } = useTranslation("reports");
  const me = useMe();
  const nextText = useNextText();
  const nameOf = useAuthorityName();
  return [
    {
      id: "report",
      label: t("column.report"),
      fixed: true,
      cell: (of) => (
        <>
          <span className="mono">{shortId(of.id)}</span>
        </>
      ),
    },
    { id: "state", label: t("column.state"), last: true, cell: (of) => <span className="nowrap"><StateWord of={of} /></span> },
    {
      id: "next",
      label: t("column.next"),
      cell: (of) => {
        const next = nextText(of, me.principal);
        return next === "" && !of.urgent && !of.minor ? "" : (
          <>
            <Marks of={of} /> {next}
          </>
        );
      },
    },
    { id: "due", label: t("column.due"), last: true, cell: (of) => (isOpen(of.state) && of.due_at !== undefined ? <Due at={of.due_at} nearMs={6 * 3_600_000} /> : "") },
    { id: "environment", label: t("column.environment"), last: true, cell: (of) => <EnvironmentWord environment={of.environment} /> },
    { id: "authority", label: t("column.authority"), cell: (of) => nameOf(of.authority) },
    { id: "kind", label: t("column.kind"), hidden: true, cell: (of) => t(`kind.${of.kind}`) },
    { id: "case", label: t("column.case"), cell: (of) => (of.case === undefined ? t("text_alone") : <span className="mono">{shortId(of.case)}</span>) },
    { id: "account", label: t("column.account"), hidden: true, cell: (of) => of.account ?? "" },
    { id: "reference", label: t("column.reference"), hidden: true, cell: (of) => <span className="mono">{of.reference ?? ""}</span> },
    { id: "attempts", label: t("column.attempts"), hidden: true, number: true, cell: (of) => of.attempts },
    { id: "created", label: t("column.created"), cell: (of) => <Time at={of.created_at} /> },
    { id: "finished", label: t("column.finished"), hidden: true, cell: (of) => of.finished_at !== undefined && <Time at={of.finished_at} /> },
  ];
}

function useReports(query: ReportQuery, key: string) {
  return useQuery({
    queryKey: ["reports", "list", key, query],
    queryFn: ({ signal }) => ask(api.GET("/v1/reports", { params: { query }, signal })),
    placeholderData: keepPreviousData,
    refetchInterval: POLL_MS,
  });
}

function Typed({ label, value, most, onGive }: { label: string; value: string | undefined; most: number; onGive: (value: string) => void }) {
  const [text, setText] = useState(value ?? "");
  useEffect(() => setText(value ?? ""), [value]);
  const give = () => text.trim() !== (value ?? "") && onGive(text.trim());
  return (
    <TextInput
      size="xs"
      w={160}
      label={label}
      maxLength={most}
      value={text}
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={give}
      onKeyDown={(event) => event.key === "Enter" && give()}
    />
  );
}

function Filtered({ filters }: { filters: Filters }) {
  const { t } = useTranslation("reports");
  const paging = usePaging();
  const columns = useColumns();
  const query = useReports({ ...queryOf(filters), after: paging.after }, "filtered");
  return (
    <Fetched query={query}>
      {(page) => (
        <Table
          name="reports"
          label={t("list.label")}
          columns={columns}
          rows={page.items}
          rowKey={(of) => of.id}
          href={(of) => `/reports/${of.id}`}
          empty={{ title: t("list.none"), text: t("list.none_text") }}
          paging={paging}
          next={page.next}
        />
      )}
    </Fetched>
  );
}

function ToDo() {
  const { t } = useTranslation("reports");
  const columns = useColumns();
  const now = useNow(30_000);
  const debts = useReports({ debts: true, limit: OPEN_LIMIT }, "debts");
  const asked = useReports({ state: "asked", limit: OPEN_LIMIT }, "asked");
  const drafts = useReports({ state: "draft", limit: OPEN_LIMIT }, "drafts");
  const latest = useReports({ state: "finished", limit: LATEST }, "latest");
  const open = [debts, asked, drafts].flatMap((each) => each.data?.items ?? []);
  const hasMore = [debts, asked, drafts].some((each) => each.data?.next !== undefined);
  return (
    <>
      <h2>{t("list.todo")}</h2>
      <Fetched query={debts}>
        {() => (
          <Fetched query={drafts}>
            {() => (
              <Table
                name="reports"
                label={t("list.todo")}
                columns={columns}
                rows={byDebt(open, now)}
                rowKey={(of) => of.id}
                href={(of) => `/reports/${of.id}`}
                empty={{ title: t("list.nothing"), text: t("list.nothing_text") }}
              />
            )}
          </Fetched>
        )}
      </Fetched>
      {hasMore && <p className="dim">{t("list.more")}</p>}
      <h2>{t("list.latest")}</h2>
      <Fetched query={latest}>
        {(page) => (
          <Table
            name="reports-finished"
            label={t("list.latest")}
            columns={columns.map((each) => ({ ...each, hidden: ["next", "due", "created"].includes(each.id) ? true : ["reference", "finished"].includes(each.id) ? false : (each.hidden ?? false) }))}
            rows={page.items}
            rowKey={(of) => of.id}
            href={(of) => `/reports/${of.id}`}
            empty={{ title: t("list.no_finished"), text: t("list.no_finished_text") }}
            keys={false}
            tools={page.next !== undefined && <Link to="/reports?state=finished">{t("list.all_finished")}</Link>}
          />
        )}
      </Fetched>
    </>
  );
}

function Authorities({ summary }: { summary: ReportSummary }) {
  const { t } = useTranslation("reports");
  const nameOf = useAuthorityName();
  return (
    <div className="columns">
      <Section title={t("authorities.title")}>
        <ul className={styles.plain}>
          {summary.authorities.map((each) => (
            <li key={each.name}>
              <b>{nameOf(each.name)}</b> <EnvironmentWord environment={each.environment} />{" "}
              <span className="dim">
                {each.jurisdiction} {"\u00b7"} {t(`channel.${each.channel}`)}
              </span>
              <div>
                {each.last_success_at !== undefined && (
                  <Status kind="ok">
                    {t("authorities.success")} <Time at={each.last_success_at} />
                  </Status>
                )}{" "}
                {each.last_failure_at !== undefined && (each.last_success_at === undefined || each.last_failure_at > each.last_success_at) && (
                  <Status kind="bad">
                    {t("authorities.failure")} <Time at={each.last_failure_at} />
                  </Status>
                )}
                {each.last_success_at === undefined && each.last_failure_at === undefined && <span className="dim">{t("authorities.never")}</span>}
              </div>
            </li>
          ))}
        </ul>
        <p className="dim">{summary.second_person ? t("policy.two") : t("policy.one")} {summary.automatic ? t("policy.automatic") : t("policy.by_people")}</p>
      </Section>
      <Section title={t("phones.title")}>
        <Phones phones={summary.phones} />
      </Section>
    </div>
  );
}

const isFiled = (summary: ReportSummary) => summary.authorities.some((each) => each.environment === "production");

export function List({ nav }: { nav: ReactNode }) {
  const { t } = useTranslation("reports");
  const may = useMay();
  const navigate = useNavigate();
  const { filters, set, clear, any } = useFilters(names);
  const summary = useReportSummary();
  const writes = may("report_write");
  useShortcut("n", t("new.title"), () => navigate("/reports/new"), { enabled: writes });
  const anyOf = { value: "", label: t("list.any") };
  const stateOf = (state: ReportState) => ({ value: state, label: t(`state.${state}`) });
  return (
    <Page
      title={t("title")}
      about={t("about_room")}
      tools={
        writes && (
          <Button component={Link} to="/reports/new" variant="default">
            {t("new.button")}&nbsp;
            <Keys keys="n" />
          </Button>
        )
      }
    >
      {nav}
      {summary.data && !isFiled(summary.data) && (
        <div className={styles.notice} data-kind="warn">
          <Status kind="warn">
            <b>{t("nothing_filed.title")}</b>
          </Status>
          <div>{t("nothing_filed.text")}</div>
        </div>
      )}
      <div className="filters" role="search" aria-label={t("list.filters")}>
        <NativeSelect
          size="xs"
          label={t("column.state")}
          value={filters.debts === "true" ? "debts" : (filters.state ?? "")}
          onChange={(event) => {
            const { value } = event.currentTarget;
            set({ state: value === "debts" ? "" : value, debts: value === "debts" ? "true" : "" });
          }}
          data={[anyOf, { value: "debts", label: t("list.debts") }, ...states.map(stateOf)]}
        />
        <NativeSelect
          size="xs"
          label={t("column.authority")}
          value={filters.authority ?? ""}
          onChange={(event) => set({ authority: event.currentTarget.value })}
          data={[anyOf.value, ...(summary.data?.authorities.map((each) => each.name) ?? [])].map((each) => (each === "" ? anyOf : each))}
        />
        <Typed label={t("column.account")} value={filters.account} most={256} onGive={(account) => set({ account })} />
        <Typed label={t("list.case")} value={filters.case} most={36} onGive={(id) => set({ case: id })} />
        {any && (
          <Button variant="default" onClick={clear}>
            {t("list.clear")}
          </Button>
        )}
      </div>
      {any ? <Filtered filters={filters} /> : <ToDo />}
      {summary.data && <Authorities summary={summary.data} />}
    </Page>
  );
}
