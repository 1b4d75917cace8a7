// The server's reasons for an amber or red strip, in words and with the room that has the remedy.
import { useTranslation } from "react-i18next";
import type { Schemas } from "../api/client";

export function useReasonText(): (reason: Schemas["Reason"]) => string {
  const { t, i18n } = useTranslation("common");
  return ({ code, object }) => {
    const key = `reason.${code.replaceAll(".", "_")}`;
    const text = i18n.exists(key, { ns: "common" }) ? t(key as "reason.store_down") : code;
    return object === undefined ? text : `${text}: ${object}`;
  };
}

export function wayTo(code: string): string {
  return code.startsWith("list") ? "/lists" : "/coverage";
}
