// One request, whole: whoever answers it has read what for and what follows.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router-dom";
import { api, ask, useMe, type Schemas } from "@/api";
import { ConfirmButton, Due, Failure, Fetched, Page, Section, Time, notify } from "@/ui";
import { Facts, Mono, Note, Row, Stack, Who, idOf, useNames } from "../parts";
import { RequestState, mayRefuse, obstacleOf, type Request } from "./words";

const purposes = ["review", "quality", "appeal", "report", "legal_request", "safety"] as const;

function Answer({ request }: { request: Request }) {
  const { t } = useTranslation("evidence");
  const me = useMe();
  const client = useQueryClient();
  const now = Date.now();
  const obstacle = obstacleOf(request, me, now);
  const own = obstacle === "own";
  const answer = useMutation<Request, Error, "approve" | "refuse">({
    mutationFn: (what) => {
      const options = { params: { path: { id: request.id } }, body: {} };
      return what === "approve"
        ? ask(api.POST("/v1/requests/{id}/approve", options))
        : ask(api.POST("/v1/requests/{id}/refuse", options));
    },
    onSuccess: (_, what) => {
      notify({ kind: "ok", text: what === "approve" ? t("answer.approved") : own ? t("answer.taken_back") : t("answer.refused") });
    },
    // Somebody else may have been first: what holds is fetched in any case.
    onSettled: () => {
      for (const key of ["requests", "overview", "evidence"]) {
        void client.invalidateQueries({ queryKey: [key] });
      }
    },
  });
  return (
    <Section title={t("answer.title")}>
      <Stack>
        <p>{t(`request.follows.${request.kind}`)}</p>
        {obstacle !== undefined && <Note>{t(`obstacle.${obstacle}`)}</Note>}
        {answer.error && <Failure error={answer.error} />}
        <Row>
          {obstacle === undefined && (
            <ConfirmButton
              label={t("answer.approve")}
              title={t("answer.sure")}
              consequence={t(`request.follows.${request.kind}`)}
              busy={answer.isPending}
              onConfirm={() => answer.mutate("approve")}
            />
          )}
          {mayRefuse(request, me, now) && (
            <ConfirmButton
              label={own ? t("answer.take_back") : t("answer.refuse")}
              title={own ? t("answer.take_back_sure") : t("answer.refuse_sure")}
              consequence={t("answer.refuse_text")}
              busy={answer.isPending}
              onConfirm={() => answer.mutate("refuse")}
            />
          )}
        </Row>
      </Stack>
    </Section>
  );
}

function Package({ disclosure }: { disclosure: Schemas["Disclosure"] }) {
  const { t } = useTranslation("evidence");
  return (
    <Section title={t("package.title")}>
      <Facts
        rows={[
          [t("package.agency"), disclosure.agency],
          [t("package.reference"), disclosure.reference],
          [t("package.basis"), disclosure.legal_basis],
          [t("package.objects"), String(disclosure.objects)],
          [t("package.recipient"), <Mono key="recipient">{disclosure.recipient.slice(0, 200)}</Mono>],
          [t("package.fingerprint"), <Mono key="fingerprint">{disclosure.fingerprint}</Mono>],
        ]}
      />
      <Note>{t("package.compare")}</Note>
    </Section>
  );
}

export function RequestPage({ nav }: { nav: ReactNode }) {
  const { t } = useTranslation("evidence");
  const nameOf = useNames();
  const { id = "" } = useParams();
  const query = useQuery<Request>({
    queryKey: ["requests", id],
    queryFn: ({ signal }) => ask(api.GET("/v1/requests/{id}", { params: { path: { id } }, signal })),
  });
  return (
    <Page title={t("request.title")}>
      {nav}
      <Fetched query={query}>
        {(request) => {
          const purpose = purposes.find((each) => each === request.purpose);
          const early = new Date(request.usable_from).getTime() > Date.now();
          return (
            <div className="columns">
              <Section title={t(`request.kind.${request.kind}`)}>
                <Facts
                  rows={[
                    [t("column.state"), <RequestState key="state" state={request.state} />],
                    [t("ask.reason"), request.reason],
                    [t("view.purpose"), purpose === undefined ? request.purpose : t(`purpose.${purpose}`)],
                    [t("requests.by"), <Who key="by" who={request.asked_by} name={nameOf(request.asked_by)} />],
                    [t("requests.at"), <Time key="at" at={request.asked_at} />],
                    [t("requests.usable"), early && <Time key="usable" at={request.usable_from} />],
                    [t("requests.expires"), <Due key="expires" at={request.expires_at} />],
                    [
                      t("requests.decided_by"),
                      request.decided_by !== undefined && <Who key="decided" who={request.decided_by} name={nameOf(request.decided_by)} />,
                    ],
                    [t("requests.used"), request.used_at !== undefined && <Time key="used" at={request.used_at} />],
                    [
                      t("column.object"),
                      request.kind === "export" ? (
                        <Mono key="object">{request.object}</Mono>
                      ) : (
                        <Link key="object" to={request.kind === "release_report" ? `/reports/${idOf(request.object)}` : `/evidence/objects/${idOf(request.object)}`}>
                          {idOf(request.object)}
                        </Link>
                      ),
                    ],
                    [t("column.case"), <Link key="case" to={`/cases/${request.case}`}>{request.case}</Link>],
                  ]}
                />
              </Section>
              <Answer request={request} />
              {request.disclosure && <Package disclosure={request.disclosure} />}
            </div>
          );
        }}
      </Fetched>
    </Page>
  );
}
