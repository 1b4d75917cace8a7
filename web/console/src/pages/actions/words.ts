// What the server's words of actions and failures mean.
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api";

type CaseAction = Schemas["CaseAction"];

const failures = ["timeout", "no_answer", "tls", "refused_address", "bad_answer", "bad_payload"] as const;

export function isOwed(action: CaseAction): boolean {
  return action.state !== "done";
}

/** Debts first: what failed, then what waits, each with the oldest first; then what is done, newest first. */
export function merge(pages: readonly Schemas["ActionPage"][]): Schemas["ActionPage"] {
  const order = { failed: 0, waiting: 1, done: 2 } as const;
  const items = pages.flatMap((page) => page.items);
  items.sort((one, other) => {
    const states = order[one.state] - order[other.state];
    const times = one.at.localeCompare(other.at);
    return states !== 0 ? states : one.state === "done" ? -times : times;
  });
  return { items, receiver: pages.every((page) => page.receiver) };
}

/** A failure in words, with what to do. Codes: src/service/webhooks/webhooks.hpp. */
export function useFailureText(): (code: string) => string {
  const { t } = useTranslation("actions");
  return (code) => {
    const status = /^http_(\d{3})$/.exec(code)?.[1];
    if (status !== undefined) {
      return status === "410" ? t("failure.gone") : t("failure.http", { status });
    }
    const word = failures.find((each) => each === code);
    return word === undefined ? code : t(`failure.${word}`);
  };
}
