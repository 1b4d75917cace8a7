// What a person may ask for of an object. What needs two people only begins here.
import { Select, TextInput } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, useMay, type Schemas } from "@/api";
import { ConfirmButton, Failure, Section, notify } from "@/ui";
import { Ask, Note, Row, Stack } from "../parts";

type Detail = Schemas["EvidenceDetail"];

const purposes = ["review", "quality", "appeal", "report", "legal_request", "safety"] as const;
const REASON_MAX = 4000;
const REFERENCE_MAX = 400;

function useDone(id: string): (text: string) => void {
  const client = useQueryClient();
  return (text) => {
    for (const key of [["evidence", id], ["evidence", "ends"], ["requests"], ["holds"], ["overview"]]) {
      void client.invalidateQueries({ queryKey: key });
    }
    notify({ kind: "ok", text });
  };
}

function Original({ id }: { id: string }) {
  const { t } = useTranslation("evidence");
  const done = useDone(id);
  const [purpose, setPurpose] = useState<(typeof purposes)[number]>("report");
  return (
    <Ask
      label={t("ask.original")}
      title={t("ask.original_title")}
      consequence={t("ask.original_text")}
      field={t("ask.reason")}
      longest={REASON_MAX}
      long
      extra={
        <Select
          label={t("view.purpose")}
          data={purposes.map((each) => ({ value: each, label: t(`purpose.${each}`) }))}
          value={purpose}
          onChange={(value) => setPurpose(purposes.find((each) => each === value) ?? purpose)}
        />
      }
      run={async (reason) => {
        await ask(api.POST("/v1/evidence/{id}/original-requests", { params: { path: { id } }, body: { purpose, reason } }));
        done(t("ask.waits"));
      }}
    />
  );
}

function Longer({ object }: { object: Detail }) {
  const { t } = useTranslation("evidence");
  const done = useDone(object.id);
  const [until, setUntil] = useState("");
  const last = object.bases.reduce((later, each) => (each.end > later.end ? each : later), object.bases[0] ?? { id: 0, end: "" });
  return (
    <Ask
      label={t("ask.longer")}
      title={t("ask.longer_title")}
      consequence={t("ask.longer_text")}
      field={t("basis.reference")}
      longest={REFERENCE_MAX}
      extra={<TextInput type="date" label={t("ask.until")} value={until} onChange={(event) => setUntil(event.currentTarget.value)} />}
      ready={until !== "" && until > last.end.slice(0, 10)}
      run={async (reference) => {
        await ask(
          api.POST("/v1/evidence/{id}/extensions", { params: { path: { id: object.id } }, body: { basis: last.id, until, reference } }),
        );
        done(t("ask.longer_done"));
      }}
    />
  );
}

/** With an approved request of disposal: the act itself, by who asked. */
function Destroy({ object }: { object: Detail }) {
  const { t } = useTranslation("evidence");
  const done = useDone(object.id);
  const may = useMay();
  const [error, setError] = useState<unknown>();
  const requests = useQuery<Schemas["RequestList"]>({
    queryKey: ["requests", "all"],
    queryFn: ({ signal }) => ask(api.GET("/v1/requests", { params: { query: { limit: 200 } }, signal })),
    enabled: may("requests_read"),
  });
  const approved = requests.data?.items.find(
    (each) => each.kind === "dispose" && each.state === "approved" && each.object.endsWith(object.id),
  );
  if (!approved || object.state === "destroying" || object.state === "destroyed") {
    return null;
  }
  const run = async (body: Schemas["Disposal"]) => {
    await ask(api.POST("/v1/evidence/{id}/disposal", { params: { path: { id: object.id } }, body }));
    done(t("destroy.done"));
  };
  return (
    <>
      {error !== undefined && <Failure error={error} />}
      <p>{t("destroy.approved")}</p>
      {object.state === "due" ? (
        <ConfirmButton
          label={t("destroy.label")}
          title={t("destroy.title")}
          consequence={t("destroy.text")}
          onConfirm={() => void run({ request_id: approved.id, ground: "expired" }).catch(setError)}
        />
      ) : (
        <Ask
          label={t("destroy.label")}
          title={t("destroy.title")}
          consequence={`${t("destroy.text")} ${t("destroy.early")}`}
          field={t("basis.reference")}
          longest={REFERENCE_MAX}
          danger
          run={(reference) => run({ request_id: approved.id, ground: "law_enforcement_request", reference })}
        />
      )}
    </>
  );
}

export function Asks({ object }: { object: Detail }) {
  const { t } = useTranslation("evidence");
  const may = useMay();
  const done = useDone(object.id);
  const { id } = object;
  const gone = object.state === "destroying" || object.state === "destroyed";
  const any = ["evidence_original_ask", "hold_set", "disposal_ask", "evidence_approve"].some(may);
  if (!any) {
    return null;
  }
  if (gone) {
    return (
      <Section title={t("ask.title")}>
        <Note>{t("ask.gone")}</Note>
      </Section>
    );
  }
  return (
    <Section title={t("ask.title")}>
      <Stack>
        <Row>
          {may("evidence_original_ask") && <Original id={id} />}
          {may("hold_set") && (
            <Ask
              label={t("ask.hold")}
              title={t("ask.hold_title")}
              consequence={t("ask.hold_text")}
              field={t("basis.reference")}
              longest={REFERENCE_MAX}
              run={async (reference) => {
                await ask(api.POST("/v1/holds", { body: { evidence_id: id, reference } }));
                done(t("ask.hold_done"));
              }}
            />
          )}
          {may("hold_set") && object.bases.length > 0 && <Longer object={object} />}
          {may("evidence_approve") && (
            <Ask
              label={t("ask.viewer")}
              title={t("ask.viewer_title")}
              consequence={t("ask.viewer_text")}
              field={t("ask.reason")}
              longest={REASON_MAX}
              long
              run={async (reason) => {
                await ask(api.POST("/v1/evidence/{id}/viewers", { params: { path: { id } }, body: { reason } }));
                done(t("ask.viewer_done"));
              }}
            />
          )}
          {may("disposal_ask") && (
            <Ask
              label={t("ask.disposal")}
              title={t("ask.disposal_title")}
              consequence={t("ask.disposal_text")}
              field={t("ask.reason")}
              longest={REASON_MAX}
              long
              run={async (reason) => {
                await ask(api.POST("/v1/evidence/{id}/disposal-requests", { params: { path: { id } }, body: { reason } }));
                done(t("ask.waits"));
              }}
            />
          )}
        </Row>
        {may("disposal_ask") && <Destroy object={object} />}
        <Note>{t("ask.note")}</Note>
      </Stack>
    </Section>
  );
}
