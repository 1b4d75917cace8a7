// Appeals that wait, and their answers.
import { Checkbox } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Route, Routes } from "react-router-dom";
import { api, ask, type Schemas } from "@/api";
import { shortId } from "@/casework/words";
import { Due, Fetched, Page, Status, Table, Time, useFilters, type Column, type StatusKind } from "@/ui";
import { AppealPage } from "./Appeal";

type Appeal = Schemas["Appeal"];

export const kinds: Record<Appeal["state"], StatusKind> = {
  offered: "off",
  asked: "info",
  upheld: "ok",
  overturned: "warn",
  expired: "off",
};

function Appeals() {
  const { t } = useTranslation("appeals");
  const { filters, set } = useFilters(["waiting"] as const);
  const waiting = filters.waiting !== "false";
  const query = useQuery({
    queryKey: ["appeals", waiting],
    queryFn: ({ signal }) => ask(api.GET("/v1/appeals", { params: { query: { waiting, limit: 200 } }, signal })),
  });
  const columns: readonly Column<Appeal>[] = [
    { id: "appeal", label: t("column.appeal"), fixed: true, cell: (appeal) => <span className="mono">{shortId(appeal.id)}</span> },
    { id: "case", label: t("column.case"), cell: (appeal) => <span className="mono">{shortId(appeal.case)}</span> },
    { id: "state", label: t("column.state"), cell: (appeal) => <Status kind={kinds[appeal.state]}>{t(`state.${appeal.state}`)}</Status> },
    { id: "asked", label: t("column.asked"), cell: (appeal) => appeal.asked_at !== undefined && <Time at={appeal.asked_at} /> },
    {
      id: "due",
      label: t("column.due"),
      cell: (appeal) => appeal.state === "asked" && appeal.due_at !== undefined && <Due at={appeal.due_at} nearMs={2 * 86_400_000} />,
    },
    { id: "by", label: t("column.by"), cell: (appeal) => appeal.decided_by_name ?? "" },
  ];
  return (
    <Page title={t("title")} about={t("about")}>
      <div className="filters">
        <Checkbox size="xs" label={t("waiting")} checked={waiting} onChange={(event) => set({ waiting: event.currentTarget.checked ? "" : "false" })} />
      </div>
      <Fetched query={query}>
        {(page) => (
          <Table
            name="appeals"
            label={t("title")}
            columns={columns}
            rows={page.items}
            rowKey={(appeal) => appeal.id}
            href={(appeal) => `/appeals/${appeal.id}`}
            empty={{ title: t("empty.title"), text: t("empty.text") }}
          />
        )}
      </Fetched>
    </Page>
  );
}

export default function AppealsRoom() {
  return (
    <Routes>
      <Route index element={<Appeals />} />
      <Route path=":id" element={<AppealPage />} />
    </Routes>
  );
}
