// Searches of what was judged before, because lists changed: how far each is and what it found.
import { useTranslation } from "react-i18next";
import { Link } from "react-router-dom";
import type { Schemas } from "@/api";
import { Fetched, Status, Table, Time, useFormats, type Column } from "@/ui";
import { Steps } from "../parts";
import { useLists, useRescans } from "./queries";

type Rescan = Schemas["Rescan"];

export function Rescans({ of }: { of?: string }) {
  const { t } = useTranslation("lists");
  const formats = useFormats();
  const rescans = useRescans();
  const lists = useLists();
  const nameOf = (id: string) => lists.data?.items.find((each) => each.id === id)?.name;
  const columns: Column<Rescan>[] = [
    { id: "cause", label: t("rescans.cause"), cell: (row) => t(`rescans.${row.cause}`), fixed: true },
    {
      id: "list",
      label: t("column.name"),
      cell: (row) => {
        const name = nameOf(row.list_id);
        return name === undefined ? <span className="dim">{t("rescans.gone")}</span> : <Link to={`/lists/list/${row.list_id}`}>{name}</Link>;
      },
    },
    {
      id: "state",
      label: t("rescans.progress"),
      cell: (row) =>
        row.state === "running" ? (
          <Steps done={row.examined} of={row.contents} label={t("rescans.running", { name: nameOf(row.list_id) ?? "" })} />
        ) : (
          <Status kind="ok">{t("rescans.done")}</Status>
        ),
      fixed: true,
    },
    { id: "signals", label: t("column.signals"), cell: (row) => formats.number(row.signals), number: true },
    { id: "examined", label: t("rescans.examined"), cell: (row) => formats.number(row.examined), number: true },
    { id: "found", label: t("rescans.found"), cell: (row) => formats.number(row.found), number: true, fixed: true },
    { id: "at", label: t("rescans.began"), cell: (row) => <Time at={row.created_at} /> },
    { id: "end", label: t("rescans.ended"), cell: (row) => (row.finished_at === undefined ? "" : <Time at={row.finished_at} />) },
  ];
  return (
    <Fetched query={rescans}>
      {({ items }) => (
        <Table
          name={of === undefined ? "rescans" : "rescans-of-list"}
          label={t("rescans.title")}
          columns={columns.filter((column) => of === undefined || column.id !== "list")}
          rows={items.filter((row) => of === undefined || row.list_id === of)}
          rowKey={(row) => row.id}
          empty={{ title: t("rescans.empty.title"), text: t("rescans.empty.text") }}
          keys={of === undefined}
        />
      )}
    </Fetched>
  );
}
