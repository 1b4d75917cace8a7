// Packages for authorities: what was asked for, given, and to whom.
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, ask, type Schemas } from "@/api";
import { Fetched, Status, Table, Time, useFormats, type Column, type StatusKind } from "@/ui";

type Disclosure = Schemas["Disclosure"];

const kinds: Record<Disclosure["state"], StatusKind> = { asked: "busy", running: "busy", finished: "ok", failed: "bad" };

export function Disclosures() {
  const { t } = useTranslation("evidence");
  const formats = useFormats();
  const query = useQuery<Schemas["DisclosureList"]>({
    queryKey: ["disclosures"],
    queryFn: ({ signal }) => ask(api.GET("/v1/disclosures", { params: { query: { limit: 200 } }, signal })),
  });
  const columns: Column<Disclosure>[] = [
    { id: "agency", label: t("package.agency"), cell: (row) => row.agency, fixed: true },
    { id: "state", label: t("column.state"), cell: (row) => <Status kind={kinds[row.state]}>{t(`disclosures.${row.state}`)}</Status>, fixed: true },
    { id: "reference", label: t("package.reference"), cell: (row) => row.reference },
    { id: "objects", label: t("package.objects"), cell: (row) => formats.number(row.objects), number: true },
    { id: "size", label: t("column.size"), cell: (row) => (row.package_bytes === undefined ? "" : formats.bytes(row.package_bytes)), number: true },
    { id: "at", label: t("requests.at"), cell: (row) => <Time at={row.created_at} /> },
    { id: "failure", label: t("disclosures.why"), cell: (row) => row.failure ?? "", hidden: true },
  ];
  return (
    <Fetched query={query}>
      {(list) => (
        <Table
          name="disclosures"
          label={t("disclosures.title")}
          columns={columns}
          rows={list.items}
          rowKey={(row) => row.id}
          href={(row) => `/evidence/requests/${row.request_id}`}
          empty={{ title: t("disclosures.empty.title"), text: t("disclosures.empty.text") }}
        />
      )}
    </Fetched>
  );
}
