// A table of what the watch says: all of it at once, and nothing in it opens, so that it takes no keys.
import { useTranslation } from "react-i18next";
import { Table, type Column } from "@/ui";

interface RowsProps<Row> {
  name: string;
  /** Whose title and words for an empty table these are. */
  part: "told" | "band" | "canary" | "door" | "list" | "why";
  columns: Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string;
}

export function Rows<Row>({ name, part, columns, rows, rowKey }: RowsProps<Row>) {
  const { t } = useTranslation("coverage");
  const empty =
    part === "list"
      ? { title: t("list.none.title"), text: t("list.none.text") }
      : { title: t(`${part}.empty.title`), text: t(`${part}.empty.text`) };
  return <Table name={name} label={t(`${part}.title`)} columns={columns} rows={rows} rowKey={rowKey} empty={empty} keys={false} />;
}
