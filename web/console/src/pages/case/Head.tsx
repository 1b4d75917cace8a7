// What stands above a case: where it is, its clocks, its lock, its marks.
import { Button, Checkbox, Modal, TextInput } from "@mantine/core";
import { Suspense, useEffect, useState, type FormEvent } from "react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, ask, commandHeader, useCommand, useMay, type ApiError, type Schemas } from "@/api";
import { UndoNote } from "@/casework/UndoNote";
import { MarkWords, StateWord, isUndecided, marks as allMarks, type Case, type CaseWhole, type Mark } from "@/casework/words";
import { ConfirmButton, Due, Keys, Status, Time, notify, useFormats, useProblemText, useShortcut } from "@/ui";
import { withTexts } from "../../i18n";
import { useNow } from "../../i18n/now";
import styles from "./case.module.css";
import { toggled } from "./form";

const CaseReports = withTexts(["reports"], () => import("../reports/CaseReports"));
const LOCK_NEAR_MS = 3 * 60_000;

function useLock(of: Case) {
  const { t } = useTranslation("case");
  const client = useQueryClient();
  const problemText = useProblemText();
  const settled = () => {
    void client.invalidateQueries({ queryKey: ["cases"] });
    void client.invalidateQueries({ queryKey: ["queues"] });
  };
  const failed = (error: ApiError) => notify({ kind: "bad", text: problemText(error) });
  const take = useMutation<Case, ApiError, boolean>({
    mutationFn: (force) => ask(api.POST("/v1/cases/{id}/lock", { params: { path: { id: of.id } }, body: { force } })),
    onSuccess: (_, force) => notify({ kind: "ok", text: t(force ? "lock.taken_over" : "lock.taken") }),
    onError: failed,
    onSettled: settled,
  });
  const release = useMutation<Case, ApiError>({
    mutationFn: () => ask(api.DELETE("/v1/cases/{id}/lock", { params: { path: { id: of.id } } })),
    onSuccess: () => notify({ kind: "ok", text: t("lock.released") }),
    onError: failed,
    onSettled: settled,
  });
  return { take, release };
}

function LockPart({ of }: { of: Case }) {
  const { t } = useTranslation("case");
  const may = useMay();
  const formats = useFormats();
  const now = useNow(1000);
  const { take, release } = useLock(of);
  const { lock } = of;
  const left = lock ? new Date(lock.until).getTime() - now : 0;
  const mine = lock?.mine === true && left > 0;
  const others = lock !== undefined && !lock.mine && left > 0;
  const canLock = may("case_decide") && isUndecided(of.state) && of.state !== "appealed";
  useShortcut("l", mine ? t("lock.renew") : t("lock.lock"), () => take.mutate(false), { enabled: canLock && !others });
  // A lock that ran out is not there any more: what the server says of it comes with the next answer.
  const client = useQueryClient();
  const over = lock !== undefined && left <= 0;
  useEffect(() => {
    if (over) {
      void client.invalidateQueries({ queryKey: ["cases", of.id], exact: true });
    }
  }, [client, of.id, over]);
  if (!canLock) {
    return null;
  }
  if (others) {
    return (
      <span className={styles.group}>
        <Status kind="warn">{t("lock.theirs", { name: lock.name, left: formats.duration(left) })}</Status>
        {may("case_lead") && (
          <ConfirmButton
            label={t("lock.take_over")}
            title={t("lock.take_over_title")}
            consequence={t("lock.take_over_text", { name: lock.name })}
            onConfirm={() => take.mutate(true)}
            busy={take.isPending}
          />
        )}
      </span>
    );
  }
  return (
    <span className={styles.group}>
      {mine ? (
        <Status kind={left < LOCK_NEAR_MS ? "warn" : "ok"}>{t("lock.mine", { left: formats.duration(left) })}</Status>
      ) : (
        <Status kind="off">{t("lock.none")}</Status>
      )}
      <Button variant="default" loading={take.isPending} onClick={() => take.mutate(false)}>
        {mine ? t("lock.renew") : t("lock.lock")}&nbsp;
        <Keys keys="l" />
      </Button>
      {mine && (
        <Button variant="default" loading={release.isPending} onClick={() => release.mutate()}>
          {t("lock.release")}
        </Button>
      )}
    </span>
  );
}

export function Clocks({ of }: { of: Case }) {
  const { t } = useTranslation("case");
  return (
    <span className={styles.group}>
      {of.first_look_at === undefined && isUndecided(of.state) && (
        <span>
          {t("clock.first_look")} <Due at={of.first_look_due_at} />
        </span>
      )}
      {isUndecided(of.state) && (
        <span>
          {t("clock.decision")} <Due at={of.decision_due_at} nearMs={8 * 3_600_000} />
        </span>
      )}
      {of.report_due_at !== undefined && of.reported_at === undefined && (
        <span>
          {t("clock.report")} <Due at={of.report_due_at} nearMs={6 * 3_600_000} />
        </span>
      )}
      {of.reported_at !== undefined && (
        <span>
          {t("clock.reported")} <Time at={of.reported_at} />
        </span>
      )}
    </span>
  );
}

function MarksDialog({ of, opened, onClose }: { of: Case; opened: boolean; onClose: () => void }) {
  const { t } = useTranslation(["case", "common"]);
  const client = useQueryClient();
  const problemText = useProblemText();
  const [chosen, choose] = useState<Mark[]>(of.marks);
  const save = useCommand(
    (body: Schemas["MarkRequest"], key) =>
      ask(api.POST("/v1/cases/{id}/marks", { params: { path: { id: of.id }, header: commandHeader(key) }, body })),
    {
      onSuccess: () => {
        notify({ kind: "ok", text: t("case:marks.saved") });
        onClose();
      },
      onSettled: () => client.invalidateQueries({ queryKey: ["cases"] }),
    },
  );
  useShortcut("1", t("case:mark.imminent_harm"), () => choose(toggled(chosen, "imminent_harm")), { scope: "dialog", enabled: opened });
  useShortcut("2", t("case:mark.possible_new_victim"), () => choose(toggled(chosen, "possible_new_victim")), { scope: "dialog", enabled: opened });
  useShortcut("3", t("case:mark.vulnerable"), () => choose(toggled(chosen, "vulnerable")), { scope: "dialog", enabled: opened });
  const submit = () => save.mutate({ version: of.version, marks: chosen });
  useShortcut("mod+Enter", t("case:marks.save"), submit, { scope: "dialog", enabled: opened });
  return (
    <Modal opened={opened} onClose={onClose} title={t("case:marks.title")} closeButtonProps={{ "aria-label": t("common:action.close") }}>
      <div className="page">
        <p className="dim">{t("case:marks.text")}</p>
        {allMarks.map((mark, at) => (
          <Checkbox
            key={mark}
            label={
              <>
                <Keys keys={String(at + 1)} /> {t(`case:mark.${mark}`)}
              </>
            }
            data-autofocus={at === 0 ? "" : undefined}
            checked={chosen.includes(mark)}
            onChange={() => choose(toggled(chosen, mark))}
          />
        ))}
        {save.error && <p role="alert">{problemText(save.error)}</p>}
        <Button onClick={submit} loading={save.isPending}>
          {t("case:marks.save")}&nbsp;
          <Keys keys="mod+Enter" />
        </Button>
      </div>
    </Modal>
  );
}

function ReportDialog({ of, opened, onClose }: { of: Case; opened: boolean; onClose: () => void }) {
  const { t } = useTranslation(["case", "common"]);
  const client = useQueryClient();
  const problemText = useProblemText();
  const [reference, setReference] = useState("");
  const save = useCommand(
    (body: Schemas["AttestRequest"], key) =>
      ask(api.POST("/v1/cases/{id}/attestation", { params: { path: { id: of.id }, header: commandHeader(key) }, body })),
    {
      onSuccess: () => {
        notify({ kind: "ok", text: t("case:report.saved") });
        onClose();
      },
      onSettled: () => {
        void client.invalidateQueries({ queryKey: ["cases"] });
        void client.invalidateQueries({ queryKey: ["overview"] });
      },
    },
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (reference.trim() !== "") {
      save.mutate({ version: of.version, reference: reference.trim() });
    }
  };
  return (
    <Modal opened={opened} onClose={onClose} title={t("case:report.title")} closeButtonProps={{ "aria-label": t("common:action.close") }}>
      <form className="page" onSubmit={submit}>
        <p className="dim">{t("case:report.text")}</p>
        <TextInput
          label={t("case:report.reference")}
          data-autofocus
          maxLength={256}
          required
          value={reference}
          onChange={(event) => setReference(event.currentTarget.value)}
          error={save.error ? problemText(save.error) : undefined}
        />
        <Button type="submit" loading={save.isPending}>
          {t("case:report.save")}
        </Button>
      </form>
    </Modal>
  );
}

function MakeSample({ of }: { of: Case }) {
  const { t } = useTranslation("case");
  const problemText = useProblemText();
  const make = useMutation<Case, ApiError>({
    mutationFn: () => ask(api.POST("/v1/samples", { body: { case: of.id } })),
    onSuccess: () => notify({ kind: "ok", text: t("sample.made") }),
    onError: (error) => notify({ kind: "bad", text: problemText(error) }),
  });
  return <ConfirmButton label={t("sample.make")} title={t("sample.title")} consequence={t("sample.text")} onConfirm={() => make.mutate()} busy={make.isPending} />;
}

export function Head({ whole }: { whole: CaseWhole }) {
  const { t } = useTranslation("case");
  const may = useMay();
  const of = whole.case;
  const [dialog, open] = useState<"marks" | "report">();
  const mayMark = may("case_decide") && of.state !== "closed";
  const mayReport = may("case_attest") && of.outcome === "confirmed" && of.reported_at === undefined;
  useShortcut("m", t("marks.title"), () => open("marks"), { enabled: mayMark });
  return (
    <>
      <span className={styles.group}>
        <StateWord state={of.state} />
        <span>{t(`queue.${of.queue}`)}</span>
        <MarkWords given={of.marks} />
      </span>
      <span className={styles.spring} />
      <Clocks of={of} />
      {may("report_read") && of.outcome === "confirmed" && (
        <Suspense fallback={null}>
          <CaseReports of={of} />
        </Suspense>
      )}
      <LockPart of={of} />
      <UndoNote />
      {mayMark && (
        <Button variant="default" onClick={() => open("marks")}>
          {t("marks.button")}&nbsp;
          <Keys keys="m" />
        </Button>
      )}
      {mayReport && (
        <Button variant="default" onClick={() => open("report")}>
          {t("report.button")}
        </Button>
      )}
      {may("case_lead") && of.state === "closed" && <MakeSample of={of} />}
      {dialog === "marks" && <MarksDialog of={of} opened onClose={() => open(undefined)} />}
      {dialog === "report" && <ReportDialog of={of} opened onClose={() => open(undefined)} />}
    </>
  );
}
