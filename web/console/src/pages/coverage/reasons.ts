// The server's reasons for an amber or red strip (src/service/http/figures.cpp), as sentences that say
// what to do.
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api";

export const codes = [
  "store_down",
  "workers_down",
  "vault_down",
  "server_stopping",
  "lists_none_active",
  "lists_no_signals",
  "lists_only_test",
  "lists_all_stale",
  "list_empty",
  "list_stale",
  "owed_old",
  "index_behind",
] as const;
export type Code = (typeof codes)[number];

export function codeOf(code: string): Code | undefined {
  const name = code.replace(".", "_");
  return codes.find((each) => each === name);
}

/** Reasons that stop detection, rather than impair it. */
const stopping: readonly Code[] = ["store_down", "workers_down", "server_stopping", "lists_none_active", "lists_no_signals"];

export function stops(code: string): boolean {
  const known = codeOf(code);
  return known !== undefined && stopping.includes(known);
}

export function useSentence(): (reason: Schemas["Reason"]) => string {
  const { t } = useTranslation("coverage");
  return ({ code, object }) => {
    const known = codeOf(code);
    return known === undefined ? t("reason.other", { code, object: object ?? "" }) : t(`reason.${known}`, { object: object ?? "" });
  };
}
