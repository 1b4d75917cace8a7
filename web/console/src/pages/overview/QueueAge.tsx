// The oldest case that nobody has looked at yet, queue by queue, against what is promised.
import { useTranslation } from "react-i18next";
import { Against } from "@/charts/Against";
import { Fetched, Section, useFormats } from "@/ui";
import { useNow } from "../../i18n/now";
import { useAges, type Age } from "./ages";

function Chart({ ages }: { ages: readonly Age[] }) {
  const { t } = useTranslation("overview");
  const formats = useFormats();
  const now = useNow();
  if (ages.length === 0) {
    return <p className="dim">{t("ages.none")}</p>;
  }
  const over = ages.filter(({ openedAt, promiseMs }) => now - openedAt > promiseMs).length;
  return (
    <Against
      title={t("ages.of")}
      about={over === 0 ? t("ages.kept") : t("ages.over", { count: over })}
      axis={t("ages.queue")}
      series={[
        { id: "age", label: t("ages.age") },
        { id: "promise", label: t("ages.promise") },
      ]}
      points={ages.map(({ queue, openedAt, promiseMs }) => ({
        label: t(`queue.${queue}`),
        values: { age: Math.max(0, now - openedAt), promise: promiseMs },
      }))}
      unit={(ms) => formats.duration(ms)}
      words={(age, promise) => t("ages.words", { age, promise })}
    />
  );
}

export function QueueAge() {
  const { t } = useTranslation("overview");
  const ages = useAges();
  return (
    <Section title={t("ages.title")}>
      <Fetched query={ages}>{(found) => <Chart ages={found} />}</Fetched>
    </Section>
  );
}
