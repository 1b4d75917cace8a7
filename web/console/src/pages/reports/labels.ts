// What the elements of the document are called, and what is to be said of them.
import { useTranslation } from "react-i18next";
import { bare, walk, type FieldSpec, type FormSpec } from "./form";

export function useLabel(): (name: string) => string {
  const { t, i18n } = useTranslation("reportform");
  return (name) => {
    const word = bare(name);
    return i18n.exists(`field.${word}`, { ns: "reportform" }) ? t(`field.${word}` as "field.age") : word;
  };
}

/** "Person or account reported 2 > Screen name". */
export function usePathText(spec: FormSpec): (path: string) => string {
  const label = useLabel();
  return (path) =>
    walk(spec, path)
      .filter(({ field, of }) => !(of === spec.root && field.name === "report") && field.name !== "#text")
      .map(({ field, at }) => (at !== undefined && at > 0 ? `${label(field.name)} ${at + 1}` : label(field.name)))
      .join(" \u203a ");
}

/** `helps`: helpKeys() of the form. What the catalogue lacks is said as the server says it. */
export function useHelp(helps: ReadonlyMap<string, string>): (field: FieldSpec) => string {
  const { t, i18n } = useTranslation("reportform");
  return (field) => {
    const key = helps.get(field.help) ?? "";
    return i18n.exists(`help.${key}`, { ns: "reportform" }) ? t(`help.${key}` as "help.submission_report") : field.help;
  };
}
