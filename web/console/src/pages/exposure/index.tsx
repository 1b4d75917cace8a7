// One's own exposure: seen by oneself, always; by leads as load, never as a ranking.
import { Button, Checkbox, Group } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router-dom";
import { api, ask, useExposure, type ApiError, type Schemas } from "@/api";
import { exposureKey, overviewKey } from "@/api/overview";
import { Bars } from "@/charts";
import { Failure, Fetched, Page, Section, notify, useFormats } from "@/ui";
import { Rest } from "./Rest";

type Exposure = Schemas["Exposure"];
type Kind = Schemas["Choices"]["declined"][number];

const kinds: readonly Kind[] = ["A1", "A2", "B1", "B2", "animation", "self_reported"];
const breaks = [5, 15, 30] as const;
const DAY_MS = 86_400_000;

function useChange<In>(send: (input: In) => Promise<Exposure>, done: string) {
  const queries = useQueryClient();
  return useMutation<Exposure, ApiError, In>({
    mutationFn: send,
    onSuccess: (exposure) => {
      queries.setQueryData(exposureKey, exposure);
      void queries.invalidateQueries({ queryKey: overviewKey });
      notify({ kind: "ok", text: done });
    },
  });
}

function TakeBreak() {
  const { t } = useTranslation("exposure");
  const rest = useChange(
    (minutes: number) => ask(api.POST("/v1/exposure/rest", { body: { minutes } })),
    t("break.began"),
  );
  return (
    <Section title={t("break.title")}>
      <div className="page">
        <p>{t("break.text")}</p>
        <Group gap="sm">
          {breaks.map((minutes) => (
            <Button key={minutes} variant="default" loading={rest.isPending} onClick={() => rest.mutate(minutes)}>
              {t("break.take", { count: minutes })}
            </Button>
          ))}
        </Group>
        {rest.isError && <Failure error={rest.error} />}
      </div>
    </Section>
  );
}

function Choices({ exposure }: { exposure: Exposure }) {
  const { t } = useTranslation("exposure");
  const [declined, decline] = useState<readonly string[]>(exposure.declined);
  const save = useChange(
    (chosen: Kind[]) => ask(api.PUT("/v1/exposure/choices", { body: { declined: chosen } })),
    t("choices.saved"),
  );
  const changed = [...declined].sort().join() !== [...exposure.declined].sort().join();
  return (
    <Section title={t("choices.title")}>
      <form
        className="page"
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate(kinds.filter((kind) => declined.includes(kind)));
        }}
      >
        <p>{t("choices.text")}</p>
        <Checkbox.Group aria-label={t("choices.title")} value={[...declined]} onChange={decline}>
          <div className="choices">
            {kinds.map((kind) => (
              <Checkbox key={kind} value={kind} label={t(`kind.${kind}`)} />
            ))}
          </div>
        </Checkbox.Group>
        <Group>
          <Button type="submit" disabled={!changed} loading={save.isPending}>
            {t("choices.save")}
          </Button>
        </Group>
        {save.isError && <Failure error={save.error} />}
      </form>
    </Section>
  );
}

function ByDay({ byDay }: { byDay: readonly number[] }) {
  const { t } = useTranslation("exposure");
  const formats = useFormats();
  const today = Date.now();
  const points = byDay.map((value, at) => ({
    label: formats.day(today - (byDay.length - 1 - at) * DAY_MS),
    values: { points: value },
  }));
  return (
    <Section title={t("by_day.title")}>
      <Bars
        title={t("by_day.about")}
        axis={t("by_day.day")}
        series={[{ id: "points", label: t("by_day.points") }]}
        points={points}
      />
    </Section>
  );
}

export default function ExposurePage() {
  const { t } = useTranslation("exposure");
  const exposure = useExposure();
  return (
    <Page title={t("title")} about={t("about_page")}>
      <Fetched query={exposure}>
        {(own) => (
          <>
            <div className="columns">
              <Section title={t("now")}>
                <Rest exposure={own} />
                <p>
                  <Link to="/support">{t("support")}</Link>
                </p>
              </Section>
              <TakeBreak />
            </div>
            <div className="columns">
              <ByDay byDay={own.by_day} />
              <Choices exposure={own} />
            </div>
          </>
        )}
      </Fetched>
    </Page>
  );
}
