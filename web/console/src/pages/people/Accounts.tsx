// Everybody with an account: what they are, and what can be done about it.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, useMe, type Schemas } from "@/api";
import { ConfirmButton, Failure, Fetched, Section, Status, Table, Time, notify, type Column, type StatusKind } from "@/ui";
import { Facts, Note, Row, Stack, Who, idOf } from "../parts";
import { ChangeEmail } from "./ChangeEmail";
import { ChangeRole } from "./ChangeRole";
import { Invitation } from "./Invitation";
import { Invite } from "./Invite";

type Person = Schemas["Person"];

const kinds: Record<Person["state"], StatusKind> = { active: "ok", invited: "busy", disabled: "off" };

function State({ person }: { person: Person }) {
  const { t } = useTranslation("people");
  const ended = person.invitation_ends_at !== undefined && new Date(person.invitation_ends_at).getTime() < Date.now();
  if (person.state === "invited" && ended) {
    return <Status kind="warn">{t("state.ended")}</Status>;
  }
  return <Status kind={kinds[person.state]}>{t(`state.${person.state}`)}</Status>;
}

function One({ person, onInvited, onClose }: { person: Person; onInvited: (to: Schemas["Invited"]) => void; onClose: () => void }) {
  const { t } = useTranslation(["people", "common"]);
  const me = useMe();
  const client = useQueryClient();
  const params = { params: { path: { id: person.id } } };
  const changed = () => client.invalidateQueries({ queryKey: ["people"] });
  const disable = useMutation({
    mutationFn: () => ask(api.POST("/v1/people/{id}/disable", params)),
    onSuccess: () => {
      void changed();
      notify({ kind: "ok", text: t("disable.done", { name: person.name }) });
    },
  });
  const reset = useMutation({
    mutationFn: () => ask(api.POST("/v1/people/{id}/reset", params)),
    onSuccess: (to) => {
      void changed();
      onInvited(to);
    },
  });
  const own = idOf(me.principal) === person.id;
  return (
    <Section title={person.name}>
      <Stack>
        <Facts
          rows={[
            [t("column.state"), <State key="state" person={person} />],
            [t("column.role"), `${t(`common:role.${person.role}`)}: ${t(`may.${person.role}`)}`],
            [t("column.second"), person.second_factor ? t("second.yes") : t("second.no")],
            [t("column.email"), person.email ?? t("email.none")],
            [t("column.since"), <Time key="since" at={person.created_at} />],
            [t("column.ends"), person.state === "invited" && person.invitation_ends_at !== undefined && <Time key="ends" at={person.invitation_ends_at} />],
            [t("column.id"), <Who key="id" who={`person:${person.id}`} whole />],
          ]}
        />
        {disable.error && <Failure error={disable.error} />}
        {reset.error && <Failure error={reset.error} />}
        {own && <Note>{t("own")}</Note>}
        <Row>
          <ChangeEmail key={`${person.id} ${person.email ?? ""}`} person={person} />
          {!own && (
            <>
              <ChangeRole person={person} />
              <ConfirmButton
                label={person.state === "active" ? t("reset.label") : t("reset.again")}
                title={t("reset.title", { name: person.name })}
                consequence={t("reset.text")}
                busy={reset.isPending}
                onConfirm={() => reset.mutate()}
              />
            </>
          )}
          {!own && person.state !== "disabled" && (
            <ConfirmButton
              label={t("disable.label")}
              title={t("disable.title", { name: person.name })}
              consequence={t("disable.text")}
              busy={disable.isPending}
              onConfirm={() => disable.mutate()}
            />
          )}
          <Button variant="subtle" onClick={onClose}>
            {t("common:action.close")}
          </Button>
        </Row>
      </Stack>
    </Section>
  );
}

export function Accounts() {
  const { t } = useTranslation(["people", "common"]);
  const [open, setOpen] = useState<string>();
  const [invited, setInvited] = useState<Schemas["Invited"]>();
  const query = useQuery<Schemas["People"]>({
    queryKey: ["people"],
    queryFn: ({ signal }) => ask(api.GET("/v1/people", { signal })),
  });
  const columns: Column<Person>[] = [
    { id: "name", label: t("column.name"), cell: (row) => row.name, fixed: true },
    { id: "role", label: t("column.role"), cell: (row) => t(`common:role.${row.role}`), fixed: true },
    { id: "state", label: t("column.state"), cell: (row) => <State person={row} /> },
    {
      id: "second",
      label: t("column.second"),
      cell: (row) => <Status kind={row.second_factor ? "ok" : "off"}>{row.second_factor ? t("second.yes") : t("second.no")}</Status>,
    },
    { id: "email", label: t("column.email"), cell: (row) => row.email ?? <span className="dim">{t("email.none")}</span> },
    { id: "since", label: t("column.since"), cell: (row) => <Time at={row.created_at} /> },
  ];
  return (
    <Fetched query={query}>
      {(people) => {
        const person = people.items.find((each) => each.id === open);
        return (
          <>
            <Row>
              <Invite onInvited={setInvited} />
            </Row>
            {invited && <Invitation key={invited.invitation} invited={invited} onKept={() => setInvited(undefined)} />}
            {person && <One person={person} onInvited={setInvited} onClose={() => setOpen(undefined)} />}
            <Table
              name="people"
              label={t("title")}
              columns={columns}
              rows={people.items}
              rowKey={(row) => row.id}
              onOpen={(row) => setOpen(row.id)}
              empty={{ title: t("empty.title"), text: t("empty.text") }}
            />
          </>
        );
      }}
    </Fetched>
  );
}
