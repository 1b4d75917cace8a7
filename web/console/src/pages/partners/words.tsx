// What partners are made of, in words.
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api";
import { Status } from "@/ui";
import { localOf, momentOf } from "../parts";

export type Partner = Schemas["Partner"];
export type PartnerKind = Schemas["PartnerKind"];
export type Details = Schemas["PartnerDetails"];

export const kinds = ["authority", "hotline", "flagger", "council", "researcher", "service"] as const satisfies readonly PartnerKind[];

/** What is wrong with a partner first; then by name. */
export function byNeed(rows: readonly Partner[], language: string): Partner[] {
  const rank = (of: Partner) => (of.ended_at !== undefined ? 3 : of.stale ? 0 : of.absent ? 1 : 2);
  return [...rows].sort((one, other) => rank(one) - rank(other) || one.name.localeCompare(other.name, language));
}

/** Those whose words are all in name, organisation, role or note. */
export function withWords(rows: readonly Partner[], typed: string): Partner[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  return rows.filter((of) => {
    const text = [of.name, of.organisation, of.role, of.note, of.email].join(" ").toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

export function PartnerState({ of }: { of: Partner }) {
  const { t } = useTranslation("partners");
  if (of.ended_at !== undefined) {
    return <Status kind="off">{t("state.ended")}</Status>;
  }
  return (
    <>
      {of.stale ? <Status kind="warn">{t("state.stale")}</Status> : <Status kind="ok">{t("state.confirmed")}</Status>} {of.absent && <Status kind="warn">{t("state.absent")}</Status>}
    </>
  );
}

export const texts = [
  ["name", 200],
  ["organisation", 200],
  ["role", 200],
  ["email", 200],
  ["phone", 200],
  ["url", 200],
  ["token", 64],
] as const;
type Text = (typeof texts)[number][0];

/** The form: every field as it is typed. */
export type PartnerForm = Record<Text | "country" | "note" | "deputy" | "from" | "until" | "days", string> & { kind: PartnerKind };

export const USUAL_DAYS = 180;

export function formOf(of: Partner | undefined): PartnerForm {
  return {
    kind: of?.kind ?? "hotline",
    name: of?.name ?? "",
    organisation: of?.organisation ?? "",
    role: of?.role ?? "",
    email: of?.email ?? "",
    phone: of?.phone ?? "",
    url: of?.url ?? "",
    token: of?.token ?? "",
    country: of?.country ?? "",
    note: of?.note ?? "",
    deputy: of?.deputy ?? "",
    from: localOf(of?.absent_from),
    until: localOf(of?.absent_until),
    days: String(of?.confirm_days ?? USUAL_DAYS),
  };
}

/** What is empty is not said. */
export function detailsOf(form: PartnerForm): Details {
  const said = (text: string) => (text.trim() === "" ? undefined : text.trim());
  return {
    kind: form.kind,
    name: form.name.trim(),
    organisation: said(form.organisation),
    role: said(form.role),
    email: said(form.email),
    phone: said(form.phone),
    url: said(form.url),
    token: said(form.token),
    country: said(form.country.toUpperCase()),
    note: said(form.note),
    deputy: said(form.deputy),
    absent_from: momentOf(form.from),
    absent_until: momentOf(form.until),
    confirm_days: Number(form.days),
  };
}

export type Wrong = "name" | "country" | "url" | "days" | "absence";

/** What the server would refuse. */
export function wrongOf(form: PartnerForm): Wrong[] {
  const days = Number(form.days);
  const [from, until] = [momentOf(form.from), momentOf(form.until)];
  const wrong: [Wrong, boolean][] = [
    ["name", form.name.trim() === ""],
    ["country", !/^([A-Za-z]{2})?$/.test(form.country.trim())],
    ["url", form.url.trim() !== "" && !form.url.trim().startsWith("https://")],
    ["days", !Number.isInteger(days) || days < 1 || days > 3650],
    ["absence", (from === undefined) !== (until === undefined) || (from !== undefined && until !== undefined && from >= until)],
  ];
  return wrong.filter(([, is]) => is).map(([which]) => which);
}
