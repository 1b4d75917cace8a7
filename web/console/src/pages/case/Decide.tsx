// The decision: one hand on the keyboard, and what it will do is written out before it is done.
import { Button, Checkbox, Textarea } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useReducer, useRef, useState } from "react";
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, ask, commandHeader, useCommand, type Schemas } from "@/api";
import { useTakeNext } from "@/casework/take";
import { rememberDecision, useUndo } from "@/casework/undo";
import { classes, confidences, shortId, type CaseWhole } from "@/casework/words";
import { Failure, Keys, Status, notify, useFormats, useShortcut } from "@/ui";
import { Annotations } from "./Annotations";
import styles from "./case.module.css";
import { Choice, Choices } from "./Choice";
import { Differs } from "./Differs";
import { useDraft } from "./draft";
import { NOTE_MAX, emptyForm, formReducer, missingOf, toggled, verdictOf } from "./form";
import { usePlanText } from "./PlanText";

const classKeys = { A1: "a", A2: "s", B1: "d", B2: "f" } as const;
const confidenceKeys = { sure: "q", likely: "w", unsure: "e" } as const;
const PLAN_AFTER_MS = 300;
const TOLD_MS = 8000;

function useDecide(whole: CaseWhole, onChanged: () => void, onGiven: () => void) {
  const { t } = useTranslation("case");
  const client = useQueryClient();
  const takeNext = useTakeNext();
  const { undo } = useUndo();
  const next = useRef(false);
  const of = whole.case;
  const decide = useCommand(
    (body: Schemas["DecisionRequest"], key) =>
      ask(api.POST("/v1/cases/{id}/decision", { params: { path: { id: of.id }, header: commandHeader(key) }, body })),
    {
      onSuccess: (decided) => {
        onGiven();
        rememberDecision(decided);
        const { state } = decided;
        const how = state === "second_look" || state === "disagreement" ? state : "decided";
        notify({
          kind: "ok",
          text: t(`given.${how}`, { id: shortId(of.id) }),
          ...(how === "decided" ? { action: { label: t("undo.button"), run: undo } } : {}),
          stayMs: TOLD_MS, // what can be taken back stays in the head of the page
        });
        void client.invalidateQueries({ queryKey: ["cases"] });
        void client.invalidateQueries({ queryKey: ["queues"] });
        void client.invalidateQueries({ queryKey: ["overview"] });
        if (next.current) {
          takeNext.mutate(undefined);
        }
      },
      onError: (error) => {
        if (error.code === "case.changed") {
          onChanged();
        }
        void client.invalidateQueries({ queryKey: ["cases", of.id], exact: true });
      },
    },
  );
  return {
    decide,
    busy: decide.isPending || takeNext.isPending,
    give: (body: Schemas["DecisionRequest"], andNext: boolean) => {
      next.current = andNext;
      decide.mutate(body);
    },
  };
}

interface NearProps {
  plan: Schemas["Plan"];
  chosen: readonly string[];
  onChange: (ids: string[]) => void;
}

function Near({ plan, chosen, onChange }: NearProps) {
  const { t } = useTranslation("case");
  const ids = plan.near_duplicates.map((each) => each.id);
  const some = ids.filter((id) => chosen.includes(id));
  const all = () => onChange(some.length === ids.length ? [] : ids);
  useShortcut("p", t("near.key"), all, { enabled: ids.length > 0 });
  if (ids.length === 0) {
    return null;
  }
  return (
    <details className={styles.near}>
      <summary>{t("near.summary", { total: ids.length, count: some.length })}</summary>
      <div className={styles.nearList}>
        <Checkbox
          size="xs"
          checked={some.length === ids.length}
          indeterminate={some.length > 0 && some.length < ids.length}
          onChange={all}
          label={
            <>
              {t("near.all")} <Keys keys="p" />
            </>
          }
        />
        {ids.map((id) => (
          <Checkbox key={id} size="xs" checked={chosen.includes(id)} onChange={() => onChange(toggled(some, id))} label={t("near.one", { id: shortId(id) })} />
        ))}
      </div>
    </details>
  );
}

interface ClaimedProps {
  claimed: readonly string[];
  chosen: readonly string[];
  onChange: (accounts: string[]) => void;
}

/** Accounts that only people outside named: nothing is done to one that nobody here chose. */
export function Claimed({ claimed, chosen, onChange }: ClaimedProps) {
  const { t } = useTranslation("case");
  const all = [...new Set([...claimed, ...chosen])];
  if (all.length === 0) {
    return null;
  }
  return (
    <fieldset className={styles.claimed}>
      <legend>{t("claimed.title")}</legend>
      <Status kind="warn">{t("claimed.text")}</Status>
      {all.map((name) => (
        <Checkbox key={name} size="xs" checked={chosen.includes(name)} onChange={() => onChange(toggled(chosen, name))} label={t("claimed.one", { name })} />
      ))}
    </fieldset>
  );
}

interface DecideProps {
  whole: CaseWhole;
  why: string | undefined; // it cannot be decided by this person now
  aboutPerson: boolean; // a legal officer decides about the person, not the content
  onChanged: () => void;
}

export function Decide({ whole, why, aboutPerson, onChanged }: DecideProps) {
  const { t } = useTranslation("case");
  const formats = useFormats();
  const planText = usePlanText();
  const of = whole.case;
  const [form, dispatch] = useReducer(formReducer, emptyForm);
  const [dialog, open] = useState<"annotations" | "differs">();
  const restore = useRef((kept: typeof form) => dispatch({ type: "restore", form: kept })).current;
  const draft = useDraft(of.id, form, restore, why === undefined);
  const { decide, busy, give } = useDecide(whole, onChanged, draft.done);
  const note = useRef<HTMLTextAreaElement>(null);
  const readOnly = why !== undefined;
  const needsClass = of.needs_view && !aboutPerson;
  const missing = missingOf(form, needsClass);
  const verdict = missing === undefined ? verdictOf(form) : undefined;
  const asked = verdict && JSON.stringify({ ...verdict, note: "" });
  const [planned] = useDebouncedValue(asked, PLAN_AFTER_MS);
  const plan = useQuery({
    queryKey: ["cases", of.id, "plan", of.version, planned],
    queryFn: ({ signal }) =>
      ask(
        api.POST("/v1/cases/{id}/plan", {
          params: { path: { id: of.id } },
          body: JSON.parse(planned ?? "") as Schemas["CaseVerdict"],
          signal,
        }),
      ),
    enabled: planned !== undefined && !readOnly,
    placeholderData: keepPreviousData,
  });
  // In steps of 5 s: the two clocks, and the way between them, are not that exact.
  const undoMs = plan.data ? Math.round((new Date(plan.data.undo_until).getTime() - plan.dataUpdatedAt) / 5000) * 5000 : 0;
  const isPlanned = verdict !== undefined && plan.data !== undefined && planned === asked && !plan.isPlaceholderData;

  const submit = (andNext: boolean) => {
    if (readOnly || busy) {
      return;
    }
    if (!verdict) {
      notify({ kind: "warn", text: t(`missing.${missing ?? "outcome"}`) });
      return;
    }
    if (!isPlanned) {
      notify({ kind: "warn", text: t(plan.isError ? "plan.failed" : "plan.asking") }); // nobody decides what was not written out
      return;
    }
    const near = plan.data.near_duplicates.filter((each) => form.near.includes(each.id));
    give({ version: of.version, verdict, near_duplicates: near }, andNext);
  };
  useShortcut("mod+Enter", t("submit.next"), () => submit(true), { enabled: !readOnly });
  useShortcut("mod+shift+Enter", t("submit.stay"), () => submit(false), { enabled: !readOnly });
  useShortcut("r", t("verdict.note"), () => note.current?.focus(), { enabled: !readOnly });
  useShortcut("t", t("annotations.title"), () => open("annotations"), { enabled: !readOnly });
  useShortcut("o", t("differs.button"), () => open("differs"), { enabled: !readOnly && whole.items.length > 1 && !aboutPerson });

  const consequence = readOnly
    ? why
    : missing !== undefined
      ? t(`missing.${missing}`)
      : isPlanned
        ? planText(plan.data)
        : plan.isError
          ? t("plan.failed")
          : t("plan.asking");

  return (
    <section className={styles.decide} aria-label={t("verdict.title")}>
      <div className={styles.decideRow}>
        <Choices label={t("verdict.outcome")}>
          <Choice
            keys="1"
            label={t(aboutPerson ? "person.confirmed" : "verdict.confirmed")}
            pressed={form.outcome === "confirmed"}
            disabled={readOnly}
            onPress={() => dispatch({ type: "outcome", outcome: "confirmed" })}
          >
            {t(aboutPerson ? "person.confirmed" : "verdict.confirmed")}
          </Choice>
          <Choice
            keys="2"
            label={t(aboutPerson ? "person.cleared" : "verdict.cleared")}
            pressed={form.outcome === "cleared"}
            disabled={readOnly}
            onPress={() => dispatch({ type: "outcome", outcome: "cleared" })}
          >
            {t(aboutPerson ? "person.cleared" : "verdict.cleared")}
          </Choice>
        </Choices>
        {!aboutPerson && (
          <Choices label={t("verdict.classification")}>
            {classes.map((each) => (
              <Choice
                key={each}
                keys={classKeys[each]}
                label={t(`classification.${each}`)}
                about={t(`classification.${each}`)}
                pressed={form.classification === each}
                disabled={readOnly}
                onPress={() => dispatch({ type: "classification", classification: each })}
              >
                {each}
              </Choice>
            ))}
          </Choices>
        )}
        <Choices label={t("verdict.confidence")}>
          {confidences.map((each) => (
            <Choice
              key={each}
              keys={confidenceKeys[each]}
              label={t(`confidence.${each}`)}
              pressed={form.confidence === each}
              disabled={readOnly}
              onPress={() => dispatch({ type: "confidence", confidence: each })}
            >
              {t(`confidence.${each}`)}
            </Choice>
          ))}
        </Choices>
      </div>
      <div className={styles.decideRow}>
        <Button variant="default" disabled={readOnly} onClick={() => open("annotations")}>
          <Keys keys="t" />
          &nbsp;{t("annotations.button", { total: form.annotations.length })}
        </Button>
        {form.annotations.length > 0 && (
          <span className="dim">{formats.list(form.annotations.map((each) => t(`annotation.${each}`)))}</span>
        )}
        {whole.items.length > 1 && !aboutPerson && (
          <Button variant="default" disabled={readOnly} onClick={() => open("differs")}>
            <Keys keys="o" />
            &nbsp;{t("differs.button_count", { total: Object.keys(form.items).length })}
          </Button>
        )}
        <Textarea
          ref={note}
          className={styles.note}
          size="xs"
          rows={1}
          maxLength={NOTE_MAX}
          aria-label={t("verdict.note")}
          placeholder={t("verdict.note_hint")}
          disabled={readOnly}
          value={form.note}
          onChange={(event) => dispatch({ type: "note", note: event.currentTarget.value })}
        />
        <span className={`dim ${styles.kept ?? ""}`} role="status">
          {draft.state === "too_long" || draft.state === "failed" ? (
            <Status kind="warn">{t(`draft.${draft.state}`)}</Status>
          ) : draft.state === "nothing" ? (
            ""
          ) : (
            t(draft.restored && draft.state === "kept" ? "draft.restored" : `draft.${draft.state}`)
          )}
        </span>
        {plan.data && !readOnly && missing === undefined && (
          <Near plan={plan.data} chosen={form.near} onChange={(ids) => dispatch({ type: "near", ids })} />
        )}
      </div>
      {!readOnly && form.outcome === "confirmed" && (
        <Claimed claimed={plan.data?.claimed_accounts ?? []} chosen={form.accounts} onChange={(accounts) => dispatch({ type: "accounts", accounts })} />
      )}
      {decide.error && decide.error.code !== "case.changed" && <Failure error={decide.error} of="command" />}
      <div className={styles.decideRow}>
        <p className={styles.consequence} role="status">
          {consequence}{" "}
          {isPlanned && !readOnly && (
            <span className="dim">
              {t("plan.undo", { length: formats.duration(undoMs) })}
            </span>
          )}
        </p>
        <Button variant="default" disabled={readOnly} loading={busy} onClick={() => submit(false)}>
          {t("submit.stay")}
        </Button>
        <Button disabled={readOnly} loading={busy} onClick={() => submit(true)}>
          {t("submit.next")}&nbsp;
          <Keys keys="mod+Enter" />
        </Button>
      </div>
      <Annotations
        opened={dialog === "annotations"}
        chosen={form.annotations}
        onToggle={(annotation) => dispatch({ type: "annotation", annotation })}
        onClose={() => open(undefined)}
      />
      <Differs
        opened={dialog === "differs"}
        items={whole.items}
        form={form}
        onChange={(item, change) => dispatch({ type: "differs", item, change })}
        onClose={() => open(undefined)}
      />
    </section>
  );
}
