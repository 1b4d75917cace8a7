// One partner: what we know, whether somebody asked lately, and what can be changed.
import { Button } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link, useNavigate, useParams } from "react-router-dom";
import { api, ask, useMay, type ApiError } from "@/api";
import { ConfirmButton, Due, Empty, Failure, Fetched, Page, Section, Time, notify } from "@/ui";
import { countryName } from "../../i18n/names";
import { Facts, Mono, Row, Stack, Who, useNames } from "../parts";
import { Form } from "./Form";
import { usePartners, usePartnersChanged } from "./queries";
import { PartnerState, type Details, type Partner } from "./words";

const NEAR_MS = 14 * 24 * 3_600_000;

/** Who can stand in: partners of today, and not the one itself. */
function othersOf(items: readonly Partner[], id: string): Partner[] {
  return items.filter((each) => each.id !== id && each.ended_at === undefined);
}

export function NewPartner() {
  const { t } = useTranslation("partners");
  const navigate = useNavigate();
  const changed = usePartnersChanged();
  const query = usePartners(false);
  const add = useMutation<Partner, ApiError, Details>({
    mutationFn: (body) => ask(api.POST("/v1/partners", { body })),
    onSuccess: (made) => {
      notify({ kind: "ok", text: t("new.done", { name: made.name }) });
      navigate(`/partners/${made.id}`);
    },
    onSettled: changed,
  });
  return (
    <Page title={t("new.title")} about={t("new.about")} narrow>
      <Section title={t("new.title")}>
        <Form others={othersOf(query.data?.items ?? [], "")} busy={add.isPending} error={add.error} onSave={add.mutate} />
      </Section>
    </Page>
  );
}

function Acts({ of }: { of: Partner }) {
  const { t } = useTranslation("partners");
  const changed = usePartnersChanged();
  const params = { params: { path: { id: of.id } } };
  const confirm = useMutation<Partner, ApiError>({
    mutationFn: () => ask(api.POST("/v1/partners/{id}/confirm", params)),
    onSuccess: () => notify({ kind: "ok", text: t("confirm.done", { name: of.name }) }),
    onSettled: changed,
  });
  const end = useMutation<Partner, ApiError>({
    mutationFn: () => ask(api.DELETE("/v1/partners/{id}", { params: { path: { id: of.id }, query: { version: of.version } } })),
    onSuccess: () => notify({ kind: "ok", text: t("end.done", { name: of.name }) }),
    onSettled: changed,
  });
  const error = confirm.error ?? end.error;
  return (
    <Stack>
      <Row>
        <Button variant={of.stale ? "filled" : "default"} loading={confirm.isPending} onClick={() => confirm.mutate()}>
          {t("confirm.button")}
        </Button>
        <ConfirmButton label={t("end.button")} title={t("end.title", { name: of.name })} consequence={t("end.text")} onConfirm={() => end.mutate()} busy={end.isPending} />
      </Row>
      <p className="dim">{t("confirm.about")}</p>
      {error && <Failure error={error} />}
    </Stack>
  );
}

function Known({ of }: { of: Partner }) {
  const { t, i18n } = useTranslation("partners");
  const may = useMay();
  const nameOf = useNames();
  return (
    <Section title={t("known")}>
      <Facts
        rows={[
          [t("column.kind"), t(`kind.${of.kind}`)],
          [t("column.organisation"), of.organisation],
          [t("column.role"), of.role],
          [t("column.country"), of.country !== undefined && countryName(of.country, i18n.language)],
          [t("column.phone"), of.phone !== undefined && <Mono key="phone">{of.phone}</Mono>],
          [t("column.email"), of.email !== undefined && <Mono key="email">{of.email}</Mono>],
          [t("column.url"), of.url !== undefined && <Mono key="url">{of.url}</Mono>],
          [t("column.deputy"), of.deputy !== undefined && <Link key="deputy" to={`/partners/${of.deputy}`}>{of.deputy_name ?? t("column.deputy")}</Link>],
          [t("column.token"), of.token !== undefined && <Mono key="token">{of.token}</Mono>],
          [t("column.note"), of.note],
          [
            t("column.absent"),
            of.absent_from !== undefined && of.absent_until !== undefined && (
              <span key="absent">
                <Time at={of.absent_from} /> {t("to")} <Time at={of.absent_until} />
              </span>
            ),
          ],
          [t("column.confirmed"), <Time key="confirmed" at={of.confirmed_at} />],
          [t("column.confirmed_by"), <Who key="by" who={of.confirmed_by} name={of.confirmed_by_name ?? nameOf(of.confirmed_by)} />],
          [t("column.confirm_by"), of.ended_at === undefined && of.confirm_by !== undefined && <Due key="due" at={of.confirm_by} nearMs={NEAR_MS} />],
          [t("column.ended"), of.ended_at !== undefined && <Time key="ended" at={of.ended_at} />],
          ["", may("notice_read") && <Link key="notices" to={`/notices?partner=${of.id}`}>{t("notices")}</Link>],
        ]}
      />
    </Section>
  );
}

function Change({ of, others }: { of: Partner; others: readonly Partner[] }) {
  const { t } = useTranslation("partners");
  const changed = usePartnersChanged();
  const change = useMutation<Partner, ApiError, Details>({
    mutationFn: (details) => ask(api.PUT("/v1/partners/{id}", { params: { path: { id: of.id } }, body: { ...details, version: of.version } })),
    onSuccess: () => notify({ kind: "ok", text: t("form.saved", { name: of.name }) }),
    onSettled: changed,
  });
  return (
    <Section title={t("form.title")}>
      <Stack>
        <p className="dim">{t("form.about")}</p>
        <Form of={of} others={others} busy={change.isPending} error={change.error} onSave={change.mutate} />
      </Stack>
    </Section>
  );
}

export function PartnerPage() {
  const { t } = useTranslation("partners");
  const { id = "" } = useParams();
  const may = useMay();
  const query = usePartners(true);
  const of = query.data?.items.find((each) => each.id === id);
  const manages = may("partner_manage") && of !== undefined && of.ended_at === undefined;
  return (
    <Page title={of?.name ?? t("one")} tools={of && <PartnerState of={of} />}>
      <Fetched query={query}>
        {({ items }) =>
          of === undefined ? (
            <Empty title={t("unknown.title")}>{t("unknown.text")}</Empty>
          ) : (
            <>
              {manages && <Acts of={of} />}
              <div className="columns">
                <Known of={of} />
                {manages && <Change key={`${of.id} ${of.version}`} of={of} others={othersOf(items, of.id)} />}
              </div>
            </>
          )
        }
      </Fetched>
    </Page>
  );
}
