// What happened: events, notes, decisions, links and what others owe, each under its tab.
import { Button, Tabs, Textarea, TextInput, NativeSelect } from "@mantine/core";
import { useState, type FormEvent } from "react";
import { useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "react-router-dom";
import { api, ask, commandHeader, useCommand, useMay, type Schemas } from "@/api";
import { StateWord, shortId, useActionText, useEventText, useVerdictText, useWho, type CaseWhole } from "@/casework/words";
import { Empty, Failure, Status, Time, notify, useFormats } from "@/ui";
import styles from "./case.module.css";

export function Verdict({ decision }: { decision: Schemas["CaseDecision"] }) {
  const { t } = useTranslation("case");
  const who = useWho();
  const formats = useFormats();
  const verdict = useVerdictText();
  return (
    <article className={styles.entry}>
      <p>
        <b>{verdict({ state: "closed", outcome: decision.outcome, classification: decision.classification })}</b>{" "}
        {decision.undone_at !== undefined && <Status kind="off">{t("decision.undone")}</Status>}
      </p>
      {decision.annotations.length > 0 && <p>{formats.list(decision.annotations.map((each) => t(`annotation.${each}`)))}</p>}
      {decision.note !== "" && <p className={styles.typed}>{decision.note}</p>}
      <p className="dim">
        {who(decision.who, decision.name)}, <Time at={decision.at} />
        {" \u00b7 "}
        {t(`basis.${decision.basis}`)}
        {" \u00b7 "}
        {t(`confidence.${decision.confidence}`)}
        {" \u00b7 "}
        {t("decision.views", { count: decision.views })}
      </p>
    </article>
  );
}

function AddNote({ whole }: { whole: CaseWhole }) {
  const { t } = useTranslation("case");
  const client = useQueryClient();
  const [text, setText] = useState("");
  const of = whole.case;
  const add = useCommand(
    (body: Schemas["NoteRequest"], key) =>
      ask(api.POST("/v1/cases/{id}/notes", { params: { path: { id: of.id }, header: commandHeader(key) }, body })),
    {
      onSuccess: () => {
        setText("");
        notify({ kind: "ok", text: t("note.added") });
      },
      onSettled: () => client.invalidateQueries({ queryKey: ["cases", of.id] }),
    },
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (text.trim() !== "") {
      add.mutate({ version: of.version, text: text.trim() });
    }
  };
  return (
    <form className={styles.small} onSubmit={submit}>
      <Textarea label={t("note.label")} maxLength={4000} autosize minRows={2} maxRows={6} value={text} onChange={(event) => setText(event.currentTarget.value)} />
      {add.error && <Failure error={add.error} of="command" />}
      <Button type="submit" variant="default" loading={add.isPending}>
        {t("note.add")}
      </Button>
    </form>
  );
}

const linkKinds = ["related", "same_account", "near_duplicate"] as const;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

function AddLink({ whole }: { whole: CaseWhole }) {
  const { t } = useTranslation("case");
  const client = useQueryClient();
  const [other, setOther] = useState("");
  const [kind, setKind] = useState<Schemas["LinkKind"]>("related");
  const of = whole.case;
  const id = other.trim().toLowerCase();
  const add = useCommand(
    (body: Schemas["LinkRequest"], key) =>
      ask(api.POST("/v1/cases/{id}/links", { params: { path: { id: of.id }, header: commandHeader(key) }, body })),
    {
      onSuccess: () => setOther(""),
      onSettled: () => client.invalidateQueries({ queryKey: ["cases", of.id] }),
    },
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (UUID.test(id)) {
      add.mutate({ version: of.version, case: id, kind });
    }
  };
  return (
    <form className={styles.small} onSubmit={submit}>
      <TextInput
        size="xs"
        label={t("link.case")}
        value={other}
        onChange={(event) => setOther(event.currentTarget.value)}
        error={id !== "" && !UUID.test(id) ? t("link.bad") : undefined}
      />
      <NativeSelect
        size="xs"
        label={t("link.kind_label")}
        value={kind}
        onChange={(event) => setKind(linkKinds.find((each) => each === event.currentTarget.value) ?? "related")}
        data={linkKinds.map((each) => ({ value: each, label: t(`link.kind.${each}`) }))}
      />
      {add.error && <Failure error={add.error} of="command" />}
      <Button type="submit" variant="default" loading={add.isPending}>
        {t("link.add")}
      </Button>
    </form>
  );
}

function Actions({ whole }: { whole: CaseWhole }) {
  const { t } = useTranslation("case");
  const text = useActionText();
  const kinds = { waiting: "busy", done: "ok", failed: "bad" } as const;
  return (
    <>
      {whole.actions.map((action) => (
        <div key={action.id} className={styles.entry}>
          <p className={styles.breakable}>{text(action.kind, action.target)}</p>
          <Status kind={kinds[action.state]}>{t(`action_state.${action.state}`)}</Status>
          {action.failure !== undefined && action.failure !== "" && <p className="dim">{action.failure}</p>}
        </div>
      ))}
    </>
  );
}

export function History({ whole }: { whole: CaseWhole }) {
  const { t } = useTranslation("case");
  const may = useMay();
  const eventText = useEventText();
  const who = useWho();
  const verdict = useVerdictText();
  const { events, notes, decisions, links, actions } = whole;
  return (
    <Tabs defaultValue="events" className={styles.history} keepMounted={false}>
      <Tabs.List aria-label={t("history.label")}>
        <Tabs.Tab value="events">{t("history.events")}</Tabs.Tab>
        <Tabs.Tab value="notes">{t("history.notes", { total: notes.length })}</Tabs.Tab>
        <Tabs.Tab value="decisions">{t("history.decisions", { total: decisions.length })}</Tabs.Tab>
        <Tabs.Tab value="links">{t("history.links", { total: links.length + actions.length })}</Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value="events">
        <ol className={styles.events} reversed>
          {[...events].reverse().map((event) => (
            <li key={event.number}>
              {eventText(event)}
              <span className="dim">
                {" "}
                {who(event.who, event.name)}, <Time at={event.at} />
              </span>
            </li>
          ))}
        </ol>
      </Tabs.Panel>
      <Tabs.Panel value="notes">
        {may("case_decide") && <AddNote whole={whole} />}
        {[...notes].reverse().map((note) => (
          <article key={note.number} className={styles.entry}>
            <p className={styles.typed}>{note.text}</p>
            <p className="dim">
              {who(note.who, note.name)}, <Time at={note.at} />
            </p>
          </article>
        ))}
      </Tabs.Panel>
      <Tabs.Panel value="decisions">
        {decisions.length === 0 && <Empty title={t("decision.none")}>{t("decision.none_text")}</Empty>}
        {[...decisions].reverse().map((decision) => (
          <Verdict key={decision.id} decision={decision} />
        ))}
      </Tabs.Panel>
      <Tabs.Panel value="links">
        <Actions whole={whole} />
        {links.map((link) => (
          <div key={link.case} className={styles.entry}>
            <p>
              <Link to={`/cases/${link.case}`} className="mono">
                {shortId(link.case)}
              </Link>{" "}
              {t(`link.kind.${link.kind}`)}
            </p>
            <StateWord state={link.state} /> <span className="dim">{link.outcome !== undefined && verdict({ ...link, classification: "" })}</span>
          </div>
        ))}
        {may("case_decide") && <AddLink whole={whole} />}
      </Tabs.Panel>
    </Tabs>
  );
}
