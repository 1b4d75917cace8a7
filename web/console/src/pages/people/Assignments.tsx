// Which cases are given to whom. Contractors see nothing else.
import { Button, Select, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router-dom";
import { api, ask, type Schemas } from "@/api";
import { Empty, Failure, Fetched, Section, Table, notify, useFilters } from "@/ui";
import { Stack } from "../parts";

const REFERENCE = /^[A-Za-z0-9._-]{1,64}$/;

interface Change {
  case: string;
  give: boolean;
}

function CasesOf({ id, name }: { id: string; name: string }) {
  const { t } = useTranslation("people");
  const client = useQueryClient();
  const [reference, setReference] = useState("");
  const query = useQuery<Schemas["Cases"]>({
    queryKey: ["assignees", id, "cases"],
    queryFn: ({ signal }) => ask(api.GET("/v1/assignees/{id}/cases", { params: { path: { id } }, signal })),
  });
  const change = useMutation<unknown, Error, Change>({
    mutationFn: (to) => {
      const params = { params: { path: { id, case: to.case } } };
      return to.give
        ? ask(api.PUT("/v1/assignees/{id}/cases/{case}", params))
        : ask(api.DELETE("/v1/assignees/{id}/cases/{case}", params));
    },
    onSuccess: (_, to) => {
      void client.invalidateQueries({ queryKey: ["assignees", id] });
      void client.invalidateQueries({ queryKey: ["cases"] });
      if (to.give) {
        setReference("");
        notify({ kind: "ok", text: t("cases.given", { name }) });
      } else {
        const undo = { label: t("cases.undo"), run: () => change.mutate({ ...to, give: true }) };
        notify({ kind: "ok", text: t("cases.taken", { name }), action: undo });
      }
    },
  });
  const give = (event: FormEvent) => {
    event.preventDefault();
    change.mutate({ case: reference.trim(), give: true });
  };
  return (
    <Stack>
      <form className="filters" onSubmit={give}>
        <TextInput
          label={t("cases.reference")}
          value={reference}
          maxLength={64}
          w={340}
          onChange={(event) => setReference(event.currentTarget.value)}
        />
        <Button type="submit" loading={change.isPending} disabled={!REFERENCE.test(reference.trim())}>
          {t("cases.give")}
        </Button>
      </form>
      {change.error && <Failure error={change.error} />}
      <Fetched query={query}>
        {(cases) => (
          <Table
            name="assignments"
            label={t("cases.of", { name })}
            columns={[
              { id: "case", label: t("cases.case"), cell: (row: string) => <Link to={`/cases/${row}`}>{row}</Link>, fixed: true },
              {
                id: "take",
                label: t("cases.change"),
                cell: (row: string) => (
                  <Button
                    variant="default"
                    aria-label={t("cases.take_one", { case: row })}
                    onClick={() => change.mutate({ case: row, give: false })}
                  >
                    {t("cases.take")}
                  </Button>
                ),
                fixed: true,
              },
            ]}
            rows={cases.items}
            rowKey={(row) => row}
            empty={{ title: t("cases.empty.title", { name }), text: t("cases.empty.text") }}
          />
        )}
      </Fetched>
    </Stack>
  );
}

export function Assignments() {
  const { t } = useTranslation(["people", "common"]);
  const { filters, set } = useFilters(["person"] as const);
  const query = useQuery<Schemas["Assignees"]>({
    queryKey: ["assignees"],
    queryFn: ({ signal }) => ask(api.GET("/v1/assignees", { signal })),
  });
  return (
    <Fetched query={query}>
      {({ items }) => {
        const chosen = items.find((each) => each.id === filters.person) ?? items[0];
        if (!chosen) {
          return <Empty title={t("cases.nobody.title")}>{t("cases.nobody.text")}</Empty>;
        }
        return (
          <Section title={t("cases.of", { name: chosen.name })}>
            <Stack>
              <Select
                label={t("cases.person")}
                w={280}
                data={items.map((each) => ({ value: each.id, label: `${each.name}, ${t(`common:role.${each.role}`)}` }))}
                value={chosen.id}
                onChange={(value) => set({ person: value ?? undefined })}
              />
              <CasesOf key={chosen.id} id={chosen.id} name={chosen.name} />
            </Stack>
          </Section>
        );
      }}
    </Fetched>
  );
}
