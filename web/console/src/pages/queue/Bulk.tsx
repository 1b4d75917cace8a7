// The same verdict for many cases that need no view: what it will do is written out, each has its
// result, and all of them can be taken back for as long as one could.
import { Button, Modal, SegmentedControl, Textarea } from "@mantine/core";
import { useState } from "react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, ask, asApiError, commandHeader, useCommand, ApiError, type Schemas } from "@/api";
import { undoDecision } from "@/casework/undo";
import { shortId, type Case, type Outcome } from "@/casework/words";
import { Failure, Keys, Status, useFormats, useProblemText, useShortcut } from "@/ui";
import { usePlanParts } from "../case/PlanText";
import styles from "./queue.module.css";

const AT_ONCE = 6;

/** All of them, a few at a time. */
async function each<In, Out>(inputs: readonly In[], run: (input: In) => Promise<Out>): Promise<Out[]> {
  const out: Out[] = [];
  for (let at = 0; at < inputs.length; at += AT_ONCE) {
    out.push(...(await Promise.all(inputs.slice(at, at + AT_ONCE).map(run))));
  }
  return out;
}

function Consequence({ cases, verdict }: { cases: readonly Case[]; verdict: Schemas["CaseVerdict"] }) {
  const { t } = useTranslation(["queue", "case"]);
  const formats = useFormats();
  const parts = usePlanParts();
  const ids = cases.map((of) => of.id);
  const plans = useQuery({
    queryKey: ["cases", "plans", verdict.outcome, ids],
    queryFn: ({ signal }) =>
      each(ids, (id) => ask(api.POST("/v1/cases/{id}/plan", { params: { path: { id } }, body: { ...verdict, note: "" }, signal }))),
    gcTime: 0,
  });
  if (plans.isError) {
    return <Failure error={plans.error} of="reading" />;
  }
  if (!plans.data) {
    return <p role="status">{t("case:plan.asking")}</p>;
  }
  const does = parts(plans.data.flatMap((plan) => plan.actions));
  const kept = Math.max(0, ...plans.data.map((plan) => plan.evidence_kept_days));
  if (kept > 0) {
    does.push(t("case:plan.keep", { count: kept }));
  }
  const reports = plans.data.filter((plan) => plan.report_due_at !== undefined).length;
  const seconds = plans.data.filter((plan) => plan.second_look).length;
  return (
    <div role="status">
      <p>{does.length > 0 ? t("queue:bulk.together", { what: formats.list(does) }) : t("case:plan.nothing")}</p>
      {reports > 0 && <p>{t("queue:bulk.reports", { count: reports })}</p>}
      {seconds > 0 && <p>{t("queue:bulk.seconds", { count: seconds })}</p>}
    </div>
  );
}

interface Result {
  id: string;
  error?: string;
  undone?: boolean;
}

function Results({ answer, onClose }: { answer: Schemas["BulkAnswer"]; onClose: () => void }) {
  const { t } = useTranslation(["queue", "common"]);
  const client = useQueryClient();
  const problemText = useProblemText();
  const [results, setResults] = useState<Result[]>(answer.items);
  const decided = results.filter((result) => result.error === undefined && result.undone !== true);
  const undo = useMutation({
    mutationFn: () =>
      each(results, async (result): Promise<Result> => {
        if (result.error !== undefined || result.undone === true) {
          return result;
        }
        try {
          await undoDecision(result.id);
          return { id: result.id, undone: true };
        } catch (thrown) {
          return { id: result.id, error: asApiError(thrown).code };
        }
      }),
    onSuccess: setResults,
    onSettled: () => {
      void client.invalidateQueries({ queryKey: ["cases"] });
      void client.invalidateQueries({ queryKey: ["queues"] });
      void client.invalidateQueries({ queryKey: ["overview"] });
    },
  });
  return (
    <div className="page">
      <p role="status">
        {t("queue:bulk.decided", { count: answer.decided })}{" "}
        {answer.items.length > answer.decided && t("queue:bulk.not_decided", { count: answer.items.length - answer.decided })}
      </p>
      <ul className={styles.results} aria-label={t("queue:bulk.result")}>
        {results.map((result) => (
          <li key={result.id}>
            <span className="mono">{shortId(result.id)}</span>
            {result.error !== undefined ? (
              <Status kind="warn">{problemText(new ApiError(409, result.error, result.error))}</Status>
            ) : (
              <Status kind={result.undone === true ? "off" : "ok"}>{t(result.undone === true ? "queue:bulk.undone" : "queue:bulk.ok")}</Status>
            )}
          </li>
        ))}
      </ul>
      <div className={styles.line}>
        <Button variant="default" loading={undo.isPending} aria-disabled={decided.length === 0} onClick={() => decided.length > 0 && undo.mutate()}>
          {t("queue:bulk.undo")}
        </Button>
        <Button onClick={onClose} data-autofocus>
          {t("common:action.close")}
        </Button>
      </div>
    </div>
  );
}

function Ask({ cases, onAnswer }: { cases: readonly Case[]; onAnswer: (answer: Schemas["BulkAnswer"]) => void }) {
  const { t } = useTranslation(["queue", "case"]);
  const client = useQueryClient();
  const [outcome, setOutcome] = useState<Outcome>("confirmed");
  const [note, setNote] = useState("");
  const verdict = { outcome, note: note.trim(), confidence: "sure" } as const;
  const give = useCommand(
    (body: Schemas["BulkRequest"], key) => ask(api.POST("/v1/decisions", { params: { header: commandHeader(key) }, body })),
    {
      onSuccess: onAnswer,
      onSettled: () => {
        void client.invalidateQueries({ queryKey: ["cases"] });
        void client.invalidateQueries({ queryKey: ["queues"] });
        void client.invalidateQueries({ queryKey: ["overview"] });
      },
    },
  );
  const submit = () => {
    if (!give.isPending) {
      give.mutate({ cases: cases.map(({ id, version }) => ({ id, version })), verdict });
    }
  };
  useShortcut("mod+Enter", t("queue:bulk.give"), submit, { scope: "dialog" });
  return (
    <div className="page">
      <p className="dim">{t("queue:bulk.text")}</p>
      <SegmentedControl
        size="xs"
        aria-label={t("case:verdict.outcome")}
        value={outcome}
        onChange={(value) => setOutcome(value === "cleared" ? "cleared" : "confirmed")}
        data={[
          { value: "confirmed", label: t("case:verdict.confirmed") },
          { value: "cleared", label: t("case:verdict.cleared") },
        ]}
      />
      <Textarea size="xs" label={t("queue:bulk.note")} maxLength={4000} rows={2} value={note} onChange={(event) => setNote(event.currentTarget.value)} />
      <Consequence cases={cases} verdict={verdict} />
      {give.error && <Failure error={give.error} of="command" />}
      <Button loading={give.isPending} onClick={submit}>
        {t("queue:bulk.give")}&nbsp;
        <Keys keys="mod+Enter" />
      </Button>
    </div>
  );
}

export function Bulk({ cases, onDone }: { cases: readonly Case[]; onDone: () => void }) {
  const { t } = useTranslation(["queue", "common"]);
  const [asked, setAsked] = useState<readonly Case[]>(); // as they were when the dialog opened
  const [answer, setAnswer] = useState<Schemas["BulkAnswer"]>();
  const open = () => {
    if (cases.length > 0) {
      setAnswer(undefined);
      setAsked(cases);
    }
  };
  const close = () => {
    setAsked(undefined);
    if (answer) {
      onDone();
    }
  };
  useShortcut("b", t("queue:bulk.give"), open, { enabled: cases.length > 0 });
  return (
    <>
      <Button disabled={cases.length === 0} onClick={open}>
        {t("queue:bulk.decide", { count: cases.length })}&nbsp;
        <Keys keys="b" />
      </Button>
      <Modal
        opened={asked !== undefined}
        onClose={close}
        title={t("queue:bulk.title", { count: asked?.length ?? 0 })}
        closeButtonProps={{ "aria-label": t("common:action.close") }}
      >
        {answer ? <Results answer={answer} onClose={close} /> : asked && <Ask cases={asked} onAnswer={setAnswer} />}
      </Modal>
    </>
  );
}
