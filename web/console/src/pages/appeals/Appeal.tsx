// One appeal: what is said against a decision, the decision, what it did, and the answer.
import { Button, Textarea } from "@mantine/core";
import { useState } from "react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router-dom";
import { api, ask, useMe, type ApiError, type Schemas } from "@/api";
import { shortId, useActionText, type CaseWhole } from "@/casework/words";
import { ConfirmButton, Due, Failure, Fetched, Page, Section, Status, Time, notify, useFormats } from "@/ui";
import { Choice, Choices } from "../case/Choice";
import { Verdict } from "../case/History";
import { usePlanParts } from "../case/PlanText";
import { kinds } from ".";

const REASON_MIN = 10;
type Answer = Schemas["AppealDecision"]["outcome"];

const opposites: Record<string, string> = {
  "content.remove": "content.restore",
  "account.suspend": "account.restore",
};

/** What undoing them would ask of others: actions that failed or are owed are taken back too. */
function undoingOf(actions: readonly Schemas["CaseAction"][]): Schemas["PlannedAction"][] {
  return actions.flatMap(({ kind, target }) => {
    const opposite = opposites[kind];
    return opposite === undefined ? [] : [{ kind: opposite, target }];
  });
}

function Decide({ appeal, whole }: { appeal: Schemas["Appeal"]; whole: CaseWhole }) {
  const { t } = useTranslation("appeals");
  const client = useQueryClient();
  const formats = useFormats();
  const parts = usePlanParts();
  const [outcome, choose] = useState<Answer>();
  const [reason, setReason] = useState("");
  const decide = useMutation<Schemas["Appeal"], ApiError, Schemas["AppealDecision"]>({
    mutationFn: (body) => ask(api.POST("/v1/appeals/{id}/decision", { params: { path: { id: appeal.id } }, body })),
    onSuccess: () => notify({ kind: "ok", text: t("decided") }),
    onSettled: () => {
      void client.invalidateQueries({ queryKey: ["appeals"] });
      void client.invalidateQueries({ queryKey: ["cases"] });
      void client.invalidateQueries({ queryKey: ["overview"] });
    },
  });
  const undoing = parts(undoingOf(whole.actions));
  const consequence =
    outcome === undefined
      ? t("choose")
      : outcome === "upheld"
        ? t("upheld_does")
        : undoing.length === 0
          ? t("overturned_nothing")
          : t("overturned_does", { what: formats.list(undoing) });
  const long = reason.trim().length >= REASON_MIN;
  return (
    <Section title={t("decide")}>
      <div className="page">
        <Choices label={t("outcome")}>
          <Choice keys="1" label={t("upheld")} pressed={outcome === "upheld"} onPress={() => choose("upheld")}>
            {t("upheld")}
          </Choice>
          <Choice keys="2" label={t("overturned")} pressed={outcome === "overturned"} onPress={() => choose("overturned")}>
            {t("overturned")}
          </Choice>
        </Choices>
        <Textarea
          label={t("reason")}
          required
          maxLength={4000}
          autosize
          minRows={3}
          maxRows={8}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <p role="status">{consequence}</p>
        {decide.error && <Failure error={decide.error} />}
        <div>
          {outcome !== undefined && long ? (
            <ConfirmButton
              label={t("submit")}
              title={t(outcome)}
              consequence={consequence}
              busy={decide.isPending}
              onConfirm={() => decide.mutate({ outcome, reason: reason.trim() })}
            />
          ) : (
            <Button variant="default" disabled>
              {t("submit")}
            </Button>
          )}
        </div>
      </div>
    </Section>
  );
}

function Disputed({ whole }: { whole: CaseWhole }) {
  const { t } = useTranslation("appeals");
  const actionText = useActionText();
  const live = whole.decisions.filter((decision) => decision.undone_at === undefined);
  return (
    <Section title={t("disputed")}>
      {live.map((decision) => (
        <Verdict key={decision.id} decision={decision} />
      ))}
      <b>{t("done")}</b>
      {whole.actions.length === 0 ? (
        <p className="dim">{t("nothing_done")}</p>
      ) : (
        <ul>
          {whole.actions.map((action) => (
            <li key={action.id}>{actionText(action.kind, action.target)}</li>
          ))}
        </ul>
      )}
      <p>
        <Link to={`/cases/${whole.case.id}`}>{t("open_case", { id: shortId(whole.case.id) })}</Link>
      </p>
    </Section>
  );
}

function Whole({ appeal }: { appeal: Schemas["Appeal"] }) {
  const { t } = useTranslation("appeals");
  const me = useMe();
  const ofCase = useQuery({
    queryKey: ["cases", appeal.case],
    queryFn: ({ signal }) => ask(api.GET("/v1/cases/{id}", { params: { path: { id: appeal.case } }, signal })),
  });
  return (
    <>
      <div className="columns">
        <Section title={t("statement")}>
          <p style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>{appeal.statement === "" ? t("no_statement") : appeal.statement}</p>
        </Section>
        <Fetched query={ofCase}>{(whole) => <Disputed whole={whole} />}</Fetched>
      </div>
      {appeal.decided_at !== undefined && (
        <Section title={t("answer")}>
          <p style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>{appeal.reason}</p>
          <p className="dim">
            {t("by", { name: appeal.decided_by_name ?? appeal.decided_by ?? "" })} <Time at={appeal.decided_at} />
          </p>
        </Section>
      )}
      {appeal.state === "asked" &&
        ofCase.data &&
        (me.role !== "solo" && ofCase.data.decisions.some((decision) => decision.who === me.principal) ? (
          <p>{t("own")}</p>
        ) : (
          <Decide appeal={appeal} whole={ofCase.data} />
        ))}
    </>
  );
}

export function AppealPage() {
  const { t } = useTranslation("appeals");
  const { id = "" } = useParams();
  const query = useQuery({
    queryKey: ["appeals", "one", id],
    queryFn: ({ signal }) => ask(api.GET("/v1/appeals/{id}", { params: { path: { id } }, signal })),
  });
  const appeal = query.data;
  return (
    <Page
      title={t("one", { id: shortId(id) })}
      tools={
        <>
          {appeal && <Status kind={kinds[appeal.state]}>{t(`state.${appeal.state}`)}</Status>}
          {appeal?.state === "asked" && appeal.due_at !== undefined && <Due at={appeal.due_at} nearMs={2 * 86_400_000} />}
          <Link to="/appeals">{t("back")}</Link>
        </>
      }
    >
      <Fetched query={query}>{(found) => <Whole appeal={found} />}</Fetched>
    </Page>
  );
}
