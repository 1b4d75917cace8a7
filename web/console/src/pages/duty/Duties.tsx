// Who answers, by queue; absences, shifts and holidays.
import { Button, Group, Modal, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, useMay, type ApiError, type Schemas } from "@/api";
import { ConfirmButton, Failure, Fetched, Section, Status, Table, Time, notify, useFormats, type Column } from "@/ui";
import { useNow } from "../../i18n/now";
import { Stack, Who, momentOf } from "../parts";
import parts from "../parts/parts.module.css";
import { useCandidates, type Candidate } from "./people";
import { PersonSelect } from "./PersonSelect";
import { useDuty, useDutyChanged } from "./queries";
import { byBegin, dutyState, isNow } from "./words";

type Duty = Schemas["Duty"];
type Span = Schemas["DutySpan"];
type Which = "absences" | "shifts";

function ChangeDuty({ of, people, onClose }: { of: Duty; people: readonly Candidate[]; onClose: () => void }) {
  const { t } = useTranslation(["duty", "notices", "common"]);
  const changed = useDutyChanged();
  const [person, setPerson] = useState(of.person ?? "");
  const [deputy, setDeputy] = useState(of.deputy ?? "");
  const same = person !== "" && person === deputy;
  const save = useMutation<Duty, ApiError, Schemas["DutyRequest"]>({
    mutationFn: (body) => ask(api.PUT("/v1/duty/{queue}", { params: { path: { queue: of.queue } }, body })),
    onSuccess: () => {
      notify({ kind: "ok", text: t("duty:change.done", { queue: t(`notices:queue.${of.queue}`) }) });
      onClose();
    },
    onSettled: changed,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate({ person, ...(deputy === "" ? {} : { deputy }) });
  };
  return (
    <Modal opened onClose={onClose} title={t("duty:change.title", { queue: t(`notices:queue.${of.queue}`) })} closeButtonProps={{ "aria-label": t("common:action.close") }}>
      <form className={parts.form} onSubmit={submit}>
        <p className="dim">{t("duty:change.text")}</p>
        <PersonSelect label={t("duty:column.person")} people={people} value={person} onChange={setPerson} />
        <PersonSelect label={t("duty:column.deputy")} people={people} value={deputy} none={t("duty:nobody")} onChange={setDeputy} />
        {same && <Status kind="warn">{t("duty:change.same")}</Status>}
        {save.error && <Failure error={save.error} />}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            {t("common:action.cancel")}
          </Button>
          <Button type="submit" loading={save.isPending} disabled={person === "" || same}>
            {t("duty:change.save")}
          </Button>
        </Group>
      </form>
    </Modal>
  );
}

const stateKinds = { there: "ok", deputy: "warn", alone: "info", nobody: "bad" } as const;

function ByQueue({ rows, people }: { rows: readonly Duty[]; people: readonly Candidate[] }) {
  const { t } = useTranslation(["duty", "notices"]);
  const manages = useMay()("partner_manage");
  const [changing, change] = useState<Duty>();
  const who = (person: string | undefined, name: string | undefined, isAbsent: boolean | undefined) =>
    person === undefined ? (
      <span className="dim">{t("duty:nobody")}</span>
    ) : (
      <>
        <Who who={person} name={name} /> {isAbsent === true && <Status kind="warn">{t("duty:away")}</Status>}
      </>
    );
  const columns: Column<Duty>[] = [
    { id: "queue", label: t("duty:column.queue"), fixed: true, cell: (row) => t(`notices:queue.${row.queue}`) },
    {
      id: "state",
      label: t("duty:column.state"),
      fixed: true,
      last: true,
      cell: (row) => {
        const state = dutyState(row);
        return <Status kind={stateKinds[state]}>{t(`duty:state.${state}`)}</Status>;
      },
    },
    { id: "person", label: t("duty:column.person"), fixed: true, cell: (row) => who(row.person, row.person_name, row.person_absent) },
    { id: "deputy", label: t("duty:column.deputy"), fixed: true, cell: (row) => who(row.deputy, row.deputy_name, row.deputy_absent) },
    ...(manages
      ? [
          {
            id: "change",
            label: t("duty:column.change"),
            fixed: true,
            cell: (row: Duty) => (
              <Button variant="default" aria-label={t("duty:change.of", { queue: t(`notices:queue.${row.queue}`) })} onClick={() => change(row)}>
                {t("duty:change.button")}
              </Button>
            ),
          },
        ]
      : []),
  ];
  return (
    <Section title={t("duty:by_queue")}>
      <Table name="duty" label={t("duty:by_queue")} columns={columns} rows={rows} rowKey={(row) => row.queue} empty={{ title: t("duty:nobody") }} keys={false} />
      {changing && <ChangeDuty of={changing} people={people} onClose={() => change(undefined)} />}
    </Section>
  );
}

function useSpans(which: Which) {
  const changed = useDutyChanged();
  const add = useMutation<Span, ApiError, Schemas["DutySpanRequest"]>({
    mutationFn: (body) => ask(which === "absences" ? api.POST("/v1/duty/absences", { body }) : api.POST("/v1/duty/shifts", { body })),
    onSettled: changed,
  });
  const remove = useMutation<unknown, ApiError, string>({
    mutationFn: (id) => {
      const params = { params: { path: { id } } };
      return ask<unknown>(which === "absences" ? api.DELETE("/v1/duty/absences/{id}", params) : api.DELETE("/v1/duty/shifts/{id}", params));
    },
    onSettled: changed,
  });
  return { add, remove };
}

function Spans({ which, rows, people }: { which: Which; rows: readonly Span[]; people: readonly Candidate[] }) {
  const { t } = useTranslation("duty");
  const manages = useMay()("partner_manage");
  const now = useNow(30_000);
  const { add, remove } = useSpans(which);
  const [person, setPerson] = useState("");
  const [from, setFrom] = useState("");
  const [until, setUntil] = useState("");
  const [begin, end] = [momentOf(from), momentOf(until)];
  const isBackwards = begin !== undefined && end !== undefined && begin >= end;
  const ready = person !== "" && begin !== undefined && end !== undefined && begin < end;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (ready) {
      add.mutate(
        { person, from: begin, until: end },
        {
          onSuccess: () => {
            notify({ kind: "ok", text: t(`${which}.added`) });
            setFrom("");
            setUntil("");
          },
        },
      );
    }
  };
  const columns: Column<Span>[] = [
    { id: "person", label: t("column.person"), fixed: true, cell: (row) => <Who who={row.person} name={row.person_name} /> },
    { id: "state", label: t("column.state"), fixed: true, last: true, cell: (row) => (isNow(row, now) ? <Status kind={which === "shifts" ? "ok" : "warn"}>{t("now")}</Status> : <Status kind="off">{t("later")}</Status>) },
    { id: "from", label: t("column.from"), fixed: true, cell: (row) => <Time at={row.from} planned /> },
    { id: "until", label: t("column.until"), fixed: true, cell: (row) => <Time at={row.until} planned /> },
    ...(manages
      ? [
          {
            id: "remove",
            label: t("column.change"),
            fixed: true,
            cell: (row: Span) => (
              <ConfirmButton
                label={t(`${which}.remove`)}
                title={t(`${which}.remove_title`, { name: row.person_name ?? "" })}
                consequence={t(`${which}.remove_text`)}
                onConfirm={() => remove.mutate(row.id)}
                busy={remove.isPending && remove.variables === row.id}
              />
            ),
          },
        ]
      : []),
  ];
  const error = add.error ?? remove.error;
  return (
    <Section title={t(`${which}.title`)}>
      <Stack>
        <Table
          name={`duty-${which}`}
          label={t(`${which}.title`)}
          columns={columns}
          rows={byBegin(rows)}
          rowKey={(row) => row.id}
          empty={{ title: t(`${which}.empty`), text: t(`${which}.empty_text`) }}
          keys={false}
        />
        {manages && (
          <form className="filters" onSubmit={submit} aria-label={t(`${which}.add`)}>
            <PersonSelect label={t("column.person")} people={people} value={person} onChange={setPerson} />
            <TextInput type="datetime-local" label={t("column.from")} value={from} onChange={(event) => setFrom(event.currentTarget.value)} />
            <TextInput type="datetime-local" label={t("column.until")} value={until} error={isBackwards ? t("backwards") : undefined} onChange={(event) => setUntil(event.currentTarget.value)} />
            <Button type="submit" variant="default" loading={add.isPending} disabled={!ready}>
              {t(`${which}.add`)}
            </Button>
          </form>
        )}
        {error && <Failure error={error} />}
      </Stack>
    </Section>
  );
}

function Holidays({ of }: { of: Schemas["DutyWhole"] }) {
  const { t } = useTranslation("duty");
  const formats = useFormats();
  return (
    <Section title={t("holidays.title")}>
      <p>{of.weekends_pause ? t("holidays.weekends") : t("holidays.no_weekends")}</p>
      <p>{of.holidays.length === 0 ? t("holidays.none") : formats.list(of.holidays.map((day) => formats.date(`${day}T12:00:00Z`)))}</p>
      <p className="dim">{t("holidays.about")}</p>
    </Section>
  );
}

function All({ of }: { of: Schemas["DutyWhole"] }) {
  const { i18n } = useTranslation("duty");
  const people = useCandidates(of, i18n.language);
  return (
    <>
      <ByQueue rows={of.duties} people={people} />
      <Spans which="absences" rows={of.absences} people={people} />
      <Spans which="shifts" rows={of.shifts} people={people} />
      <Holidays of={of} />
    </>
  );
}

export function Duties() {
  const query = useDuty();
  return <Fetched query={query}>{(of) => <All of={of} />}</Fetched>;
}
