// All lists, the active ones first, and what uploads are compared with now.
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api";
import { Fetched, Section, Status, Table, Time, useFormats, type Column } from "@/ui";
import { Facts } from "../parts";
import { HealthWord } from "./HealthWord";
import { healthOf, withdrawalsOf } from "./health";
import { useListStats, useLists, useRescans } from "./queries";

type List = Schemas["List"];
type Counted = Schemas["ListStats"]["items"][number];

function useColumns(counted: Map<string, Counted>): Column<List>[] {
  const { t } = useTranslation("lists");
  const formats = useFormats();
  const withdrawn = withdrawalsOf(useRescans().data?.items ?? []);
  const kind = (name: keyof Schemas["SignalCounts"]): Column<List> => ({
    id: name,
    label: t(`kind.${name}`),
    cell: (row) => {
      const count = counted.get(row.id)?.signals[name];
      return count === undefined ? "" : formats.number(count);
    },
    number: true,
  });
  return [
    { id: "name", label: t("column.name"), cell: (row) => row.name, fixed: true },
    {
      id: "health",
      label: t("column.health"),
      cell: (row) => (
        <HealthWord
          health={healthOf({ list: row, newest: counted.get(row.id)?.newest_signal_at, withdrawn: withdrawn.get(row.id), now: Date.now() })}
        />
      ),
      fixed: true,
    },
    { id: "purpose", label: t("column.purpose"), cell: (row) => t(`purpose.${row.purpose}`) },
    { id: "source", label: t("column.source"), cell: (row) => row.source },
    { id: "classification", label: t("column.classification"), cell: (row) => row.classification },
    { id: "signals", label: t("column.signals"), cell: (row) => formats.number(row.signal_count), number: true },
    kind("pdq"),
    kind("md5"),
    kind("sha1"),
    kind("sha256"),
    {
      id: "newest",
      label: t("column.newest"),
      cell: (row) => {
        const newest = counted.get(row.id)?.newest_signal_at;
        return newest === undefined ? "" : <Time at={newest} />;
      },
    },
  ];
}

function Searched({ search }: { search: Schemas["ListStats"]["search"] }) {
  const { t } = useTranslation("lists");
  const formats = useFormats();
  return (
    <Section title={t("search.title")}>
      <Facts
        rows={[
          [
            t("column.signals"),
            t("search.signals", {
              all: formats.number(search.signals_total),
              pdq: formats.number(search.signals.pdq),
              exact: formats.number(search.signals.md5 + search.signals.sha1 + search.signals.sha256),
            }),
          ],
          [t("search.bytes"), formats.bytes(search.bytes)],
          [t("search.new"), search.delta.signals > 0 && formats.number(search.delta.signals)],
          [t("search.gone"), search.removed > 0 && formats.number(search.removed)],
          [t("search.refused"), search.file.refused !== undefined && <Status kind="warn">{search.file.refused}</Status>],
          [t("search.contents"), search.contents && formats.number(search.contents.contents)],
        ]}
      />
    </Section>
  );
}

export function Lists() {
  const { t } = useTranslation("lists");
  const lists = useLists();
  const stats = useListStats();
  const columns = useColumns(new Map(stats.data?.items.map((each) => [each.id, each])));
  return (
    <>
      <Fetched query={lists}>
        {({ items }) => (
          <Table
            name="lists"
            label={t("title")}
            columns={columns}
            rows={[...items].sort((one, other) => one.state.localeCompare(other.state) || one.name.localeCompare(other.name))}
            rowKey={(row) => row.id}
            href={(row) => `/lists/list/${row.id}`}
            empty={{ title: t("empty.title"), text: t("empty.text") }}
          />
        )}
      </Fetched>
      <Fetched query={stats}>{({ search }) => <Searched search={search} />}</Fetched>
    </>
  );
}
