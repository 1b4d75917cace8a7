// All cases, by filters that are in the address.
import { Button, Checkbox, NativeSelect, TextInput } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, useMay } from "@/api";
import { useCaseColumns } from "@/casework/table";
import { useUndoKey } from "@/casework/undo";
import { queues, states } from "@/casework/words";
import { Fetched, Page, Table, useFilters, usePaging } from "@/ui";

const names = ["queue", "state", "waiting", "mine", "account", "content", "list", "needs_view", "since", "until", "sort"] as const;
type Name = (typeof names)[number];
const sorts = ["rank", "newest", "due"] as const;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

function flag(value: string | undefined): boolean | undefined {
  return value === "true" ? true : value === "false" ? false : undefined;
}

function dayOf(value: string | undefined): string | undefined {
  const date = value === undefined ? undefined : new Date(`${value}T00:00:00Z`);
  return date === undefined || Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}

/** An address may hold anything: what the server would not take is left out. */
export function queryOf(filters: Partial<Record<Name, string>>) {
  return {
    queue: queues.find((each) => each === filters.queue),
    state: states.find((each) => each === filters.state),
    waiting: flag(filters.waiting),
    mine: flag(filters.mine),
    account: filters.account,
    content: filters.content !== undefined && UUID.test(filters.content) ? filters.content : undefined,
    list: filters.list,
    needs_view: flag(filters.needs_view),
    since: dayOf(filters.since),
    until: dayOf(filters.until),
    sort: sorts.find((each) => each === filters.sort) ?? ("newest" as const),
  };
}

interface TypedProps {
  label: string;
  value: string | undefined;
  onGive: (value: string) => void;
  most: number;
}

/** Asked for when one leaves the field or presses Enter, not with every letter. */
function Typed({ label, value, onGive, most }: TypedProps) {
  const [text, setText] = useState(value ?? "");
  useEffect(() => setText(value ?? ""), [value]);
  const give = () => {
    if (text.trim() !== (value ?? "")) {
      onGive(text.trim());
    }
  };
  return (
    <TextInput
      size="xs"
      w={148}
      label={label}
      maxLength={most}
      value={text}
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={give}
      onKeyDown={(event) => {
        if (event.key === "Enter") {
          give();
        }
      }}
    />
  );
}

export default function CasesPage() {
  const { t } = useTranslation("case");
  const may = useMay();
  const { filters, set, clear, any } = useFilters(names);
  const paging = usePaging();
  const columns = useCaseColumns();
  useUndoKey();
  const asked = queryOf(filters);
  const query = useQuery({
    queryKey: ["cases", "list", asked, paging.after],
    queryFn: ({ signal }) => ask(api.GET("/v1/cases", { params: { query: { ...asked, after: paging.after } }, signal })),
    placeholderData: keepPreviousData,
  });
  const anyOf = { value: "", label: t("list.any") };
  return (
    <Page title={t("list.title")}>
      <div className="filters" role="search" aria-label={t("list.filters")}>
        <NativeSelect
          size="xs"
          label={t("column.queue")}
          value={filters.queue ?? ""}
          onChange={(event) => set({ queue: event.currentTarget.value })}
          data={[anyOf, ...queues.map((each) => ({ value: each, label: t(`queue.${each}`) }))]}
        />
        <NativeSelect
          size="xs"
          label={t("column.state")}
          value={filters.state ?? ""}
          onChange={(event) => set({ state: event.currentTarget.value })}
          data={[anyOf, ...states.map((each) => ({ value: each, label: t(`state.${each}`) }))]}
        />
        <NativeSelect
          size="xs"
          label={t("list.needs_view")}
          value={filters.needs_view ?? ""}
          onChange={(event) => set({ needs_view: event.currentTarget.value })}
          data={[anyOf, { value: "true", label: t("list.yes") }, { value: "false", label: t("list.no") }]}
        />
        <Typed label={t("column.account")} value={filters.account} most={256} onGive={(account) => set({ account })} />
        <Typed label={t("fact.list")} value={filters.list} most={64} onGive={(list) => set({ list })} />
        <Typed label={t("list.content")} value={filters.content} most={36} onGive={(content) => set({ content })} />
        <TextInput size="xs" type="date" label={t("list.since")} value={filters.since ?? ""} onChange={(event) => set({ since: event.currentTarget.value })} />
        <TextInput size="xs" type="date" label={t("list.until")} value={filters.until ?? ""} onChange={(event) => set({ until: event.currentTarget.value })} />
        <NativeSelect
          size="xs"
          label={t("list.sort")}
          value={asked.sort}
          onChange={(event) => set({ sort: event.currentTarget.value })}
          data={sorts.map((each) => ({ value: each, label: t(`list.sort_by.${each}`) }))}
        />
        <Checkbox
          size="xs"
          label={t("list.waiting")}
          checked={asked.waiting === true}
          onChange={(event) => set({ waiting: event.currentTarget.checked ? "true" : "" })}
        />
        {may("case_decide") && (
          <Checkbox size="xs" label={t("list.mine")} checked={asked.mine === true} onChange={(event) => set({ mine: event.currentTarget.checked ? "true" : "" })} />
        )}
        {any && (
          <Button variant="default" onClick={clear}>
            {t("list.clear")}
          </Button>
        )}
      </div>
      <Fetched query={query}>
        {(page) => (
          <Table
            name="cases"
            label={t("list.label")}
            columns={columns}
            rows={page.items}
            rowKey={(of) => of.id}
            href={(of) => `/cases/${of.id}`}
            empty={{ title: t("list.empty.title"), text: t("list.empty.text") }}
            paging={paging}
            next={page.next}
          />
        )}
      </Fetched>
    </Page>
  );
}
