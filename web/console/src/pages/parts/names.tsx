// Names beside ids: the log and the evidence know ids alone; a name is added where one's role may
// know it.
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, ask, useMay, useMe, type Schemas } from "@/api";
import styles from "./parts.module.css";

const KEEP_MS = 5 * 60_000;

/** "person:0197...": the id alone. */
export function idOf(who: string): string {
  return who.slice(who.indexOf(":") + 1);
}

/** Everybody whom one's role may know of. */
export function usePeople(): Schemas["Assignees"]["items"] {
  const may = useMay();
  const all = useQuery<Schemas["People"]>({
    queryKey: ["people"],
    queryFn: ({ signal }) => ask(api.GET("/v1/people", { signal })),
    enabled: may("people_manage"),
    staleTime: KEEP_MS,
  });
  const some = useQuery<Schemas["Assignees"]>({
    queryKey: ["assignees"],
    queryFn: ({ signal }) => ask(api.GET("/v1/assignees", { signal })),
    enabled: may("evidence_assign"),
    staleTime: KEEP_MS,
  });
  return [...(some.data?.items ?? []), ...(all.data?.items ?? [])];
}

export function useNames(): (who: string) => string | undefined {
  const me = useMe();
  const names = new Map(usePeople().map(({ id, name }) => [id, name]));
  if (me.name !== undefined) {
    names.set(idOf(me.principal), me.name);
  }
  return (who) => names.get(idOf(who));
}

/** The last characters of an id tell people apart; the first are the time it was made. */
export function Who({ who, name, whole = false }: { who: string; name?: string | undefined; whole?: boolean }) {
  const { t } = useTranslation("common");
  if (who === "" || who === "system") {
    return <span>{t("who.system")}</span>;
  }
  const id = idOf(who);
  const kind = who.startsWith("token:") ? t("who.token") : who.startsWith("cli:") ? t("who.cli") : undefined;
  const shown = whole || id.length <= 12 ? id : `\u2026${id.slice(-8)}`;
  return (
    <span className={styles.who}>
      {(name ?? kind) !== undefined && <span>{name ?? kind}</span>}
      <span className={name === undefined && kind === undefined ? "mono" : "mono dim"} title={who}>
        {shown}
      </span>
    </span>
  );
}
