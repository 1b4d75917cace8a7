// The document as a form, made from what the server says of every element. Each element of the
// authority's tree is reachable; what is common or said is in view, the rest one step away.
import { Button, Checkbox, NativeSelect, Radio, Textarea, TextInput } from "@mantine/core";
import { createContext, useContext, useMemo, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api";
import { Status } from "@/ui";
import { added, countOf, groupOf, helpKeys, isBelow, isFactAlone, isGroup, isMany, itemsAt, pathTo, placed, put, valueAt, type FieldSpec, type FormSpec, type Json, type JsonObject } from "./form";
import { useHelp, useLabel } from "./labels";
import styles from "./reports.module.css";
import { useMomentText } from "./words";

export interface FormState {
  spec: FormSpec;
  body: JsonObject;
  base: JsonObject; // as it was saved: decides what is in view, so that nothing moves under one's hands
  change?: (body: JsonObject) => void; // absent: for reading
  problems: readonly Schemas["ReportProblem"][];
  origins: ReadonlyMap<string, Schemas["ReportOrigin"]>;
  isOpen: (path: string) => boolean;
  toggle: (path: string, open: boolean) => void;
  explained: boolean;
  helps: ReadonlyMap<string, string>;
}

const Context = createContext<FormState | undefined>(undefined);

function useForm(): FormState {
  const state = useContext(Context);
  if (state === undefined) {
    throw new Error("a field stands in a form");
  }
  return state;
}

export const elementId = (path: string) => `field-${path.replaceAll("/", ".")}`;

function Origin({ path }: { path: string }) {
  const { t } = useTranslation("reports");
  const { origins } = useForm();
  const origin = origins.get(path);
  return origin === undefined ? null : (
    <span className={styles.origin} title={origin.detail}>
      {t(`origin.${origin.source}`)}
    </span>
  );
}

interface LeafProps {
  field: FieldSpec;
  path: string;
  label: string;
}

function Problems({ path }: { path: string }) {
  const { problems } = useForm();
  const own = problems.filter((each) => each.path === path);
  return own.length === 0 ? null : (
    <span className={styles.problem}>
      {own.map((each) => (
        <Status key={each.code + each.message} kind="bad">
          {each.message}
        </Status>
      ))}
    </span>
  );
}

function useSaid(): (field: FieldSpec, value: Json) => ReactNode {
  const { t } = useTranslation("reports");
  const moment = useMomentText();
  return (field, value) => {
    if (typeof value === "boolean") {
      return value ? t("form.yes") : t("form.no");
    }
    const text = typeof value === "string" ? value : JSON.stringify(value);
    const at = field.kind === "date_time" ? moment(text) : undefined;
    return at === undefined ? text : `${text} (${at})`;
  };
}

const isLong = (field: FieldSpec) => field.kind === "long_text" || (field.kind === "text" && (field.length_max ?? 0) > 300);
const WIDE_WORD = 30;
const hasLongWords = (spec: FormSpec, field: FieldSpec) => field.kind === "word" && (spec.words[field.words ?? ""] ?? []).some((each) => each.length > WIDE_WORD);
const isNumber = (field: FieldSpec) => field.kind === "whole_number" || field.kind === "decimal";

/** What is typed where a number belongs: a number, or the text as it stands, which the check then names. */
function numberOf(text: string): Json {
  const value = Number(text.trim().replace(",", "."));
  return text.trim() !== "" && Number.isFinite(value) ? value : text;
}

const SMALL = { fz: 12, lh: "16px" } as const;

function Input({ field, path, label, help, wrong }: LeafProps & { help: string | undefined; wrong: ReactNode }) {
  const { t } = useTranslation("reports");
  const { spec, body, change } = useForm();
  const moment = useMomentText();
  const value = valueAt(body, path);
  const isItem = /\/\d+$/.test(path);
  const give = (to: Json | undefined) => change?.(put(spec, body, path, to));
  const type = (text: string) => give(text === "" && !isItem ? undefined : isNumber(field) ? numberOf(text) : text);
  const text = value === undefined || value === null ? "" : typeof value === "string" ? value : JSON.stringify(value);
  const id = elementId(path);
  const shared = { id, description: help, error: wrong, size: "xs", descriptionProps: SMALL, errorProps: SMALL } as const;
  if (field.kind === "mark") {
    return <Checkbox id={id} description={help} error={wrong} label={label} checked={value === true} onChange={(event) => give(event.currentTarget.checked ? true : undefined)} />;
  }
  if (field.kind === "yes_no") {
    return (
      <Radio.Group id={id} description={help} error={wrong} descriptionProps={SMALL} errorProps={SMALL} aria-labelledby={`${id}-label`} name={id} value={value === true ? "yes" : value === false ? "no" : "unsaid"} onChange={(to) => give(to === "yes" ? true : to === "no" ? false : undefined)}>
        <div className={styles.three}>
          <Radio value="yes" label={t("form.yes")} />
          <Radio value="no" label={t("form.no")} />
          <Radio value="unsaid" label={t("form.unsaid")} />
        </div>
      </Radio.Group>
    );
  }
  if (field.kind === "word") {
    const words = spec.words[field.words ?? ""] ?? [];
    const all = text === "" || words.includes(text) ? words : [text, ...words];
    return (
      <NativeSelect
        {...shared}
        value={text}
        onChange={(event) => give(event.currentTarget.value === "" && !isItem ? undefined : event.currentTarget.value)}
        data={[{ value: "", label: t("form.unsaid") }, ...all.map((each) => ({ value: each, label: each }))]}
      />
    );
  }
  if (isLong(field)) {
    return <Textarea {...shared} autosize minRows={1} maxRows={10} maxLength={field.length_max} value={text} onChange={(event) => type(event.currentTarget.value)} />;
  }
  const at = field.kind === "date_time" ? moment(text) : undefined;
  return (
    <>
      <TextInput
        {...shared}
        type={field.kind === "date" ? "date" : "text"}
        inputMode={isNumber(field) ? "decimal" : undefined}
        placeholder={field.kind === "date_time" ? "2026-01-31T18:30:00Z" : undefined}
        maxLength={field.length_max}
        value={text}
        onChange={(event) => type(event.currentTarget.value)}
      />
      {at !== undefined && <span className={styles.under}>{at}</span>}
    </>
  );
}

/** A field that holds a value of its own. `index`: one line of several. */
function Leaf({ field, path, label, index }: LeafProps & { index?: number }) {
  const { t } = useTranslation("reports");
  const { spec, body, change, problems, explained, origins } = useForm();
  const help = useHelp(useForm().helps);
  const said = useSaid();
  const value = valueAt(body, path);
  const id = elementId(path);
  const origin = origins.get(path);
  // The facts' own sentences stay: whoever gathers anew would put them back.
  const isSentence = /^files\/\d+\/additionalInfo\/\d+$/.test(path) && origin !== undefined && origin.source !== "person";
  const isFact = isFactAlone(path) || isSentence;
  const isWrong = problems.some((each) => each.path === path);
  const name = index === undefined || index === 0 && itemsAt(body, path.slice(0, path.lastIndexOf("/"))).length < 2 ? label : `${label} ${index + 1}`;
  if (change === undefined || isFact) {
    return change === undefined && value === undefined && !isWrong ? null : (
      <div className={isLong(field) ? styles.wide : styles.field} data-path={path} id={id} tabIndex={-1}>
        <div className={styles.head}>
          <span className={styles.label}>{name}</span>
          <Origin path={path} />
        </div>
        <div className={styles.said}>
          {value === undefined ? <span className="dim">{t("form.unsaid")}</span> : said(field, value)}
          {change !== undefined && <span className="dim"> {t("form.fact")}</span>}
        </div>
        <Problems path={path} />
      </div>
    );
  }
  const isMark = field.kind === "mark";
  return (
    <div className={isLong(field) || hasLongWords(spec, field) ? styles.wide : styles.field} data-path={path} data-wrong={isWrong ? "" : undefined}>
      {!(isMark && !origin) && (
        <div className={styles.head}>
          {field.kind === "yes_no" ? (
            <span id={`${id}-label`} className={styles.label}>
              {name}
            </span>
          ) : (
            !isMark && (
              <label htmlFor={id} className={styles.label}>
                {name}
              </label>
            )
          )}
          <Origin path={path} />
        </div>
      )}
      <div className={styles.line}>
        <div className={styles.input}>
          <Input field={field} path={path} label={name} help={explained ? help(field) : undefined} wrong={isWrong ? <Problems path={path} /> : undefined} />
        </div>
        {index !== undefined && (
          <Button size="compact-xs" variant="subtle" aria-label={t("form.remove", { name })} onClick={() => change(put(spec, body, path, undefined))}>
            {t("form.remove_short")}
          </Button>
        )}
      </div>
    </div>
  );
}

interface FoldProps {
  path: string; // what is opened and closed; with "?more" for the rest of a group
  title: ReactNode;
  aside?: ReactNode;
  children: () => ReactNode;
}

function Fold({ path, title, aside, children }: FoldProps) {
  const { isOpen, toggle } = useForm();
  const open = isOpen(path);
  const isMore = path.endsWith("?more");
  return (
    <div className={isMore ? styles.more : styles.group} data-path={path}>
      <div className={styles.fold}>
        <button type="button" id={elementId(path)} className={styles.toggle} aria-expanded={open} onClick={() => toggle(path, !open)}>
          <span aria-hidden="true" className={styles.sign} data-open={open ? "" : undefined} />
          {title}
        </button>
        {aside}
      </div>
      {open && <div className={styles.inner}>{children()}</div>}
    </div>
  );
}

function Count({ path }: { path: string }) {
  const { t } = useTranslation("reports");
  const { body, problems } = useForm();
  const wrong = problems.filter((each) => isBelow(each.path, path)).length;
  const count = countOf(valueAt(body, path));
  return (
    <>
      {" "}
      <span className={styles.count}>{count === 0 ? t("form.nothing") : t("form.said", { count })}</span>{" "}
      {wrong > 0 && <Status kind="bad">{t("form.wrong", { count: wrong })}</Status>}
    </>
  );
}

function GroupTitle({ label, path }: { label: string; path: string }) {
  return (
    <>
      <b>{label}</b>
      <Count path={path} />
    </>
  );
}

/** One of several, or the only one: its fields. For a choice, the one that was chosen. */
function Content({ field, path }: { field: FieldSpec; path: string }) {
  const { spec, body, explained } = useForm();
  const help = useHelp(useForm().helps);
  const group = groupOf(spec, field.group);
  if (group.choice) {
    const value = valueAt(body, path);
    const chosen = group.fields.find((each) => typeof value === "object" && value !== null && Object.hasOwn(value, each.name));
    return chosen === undefined ? null : <Fields group={chosen.group ?? ""} path={pathTo(path, chosen.name)} />;
  }
  return (
    <>
      {explained && path !== "report" && <p className={styles.help}>{help(field)}</p>}
      <Fields group={field.group ?? ""} path={path} />
    </>
  );
}

/** `isFirst`: its name stands before it. */
function Add({ field, path, label, isFirst }: LeafProps & { isFirst: boolean }) {
  const { t } = useTranslation("reports");
  const { spec, body, change, toggle } = useForm();
  const name = useLabel();
  const group = groupOf(spec, field.group);
  const add = (item: Json) => {
    const at = itemsAt(body, path).length;
    toggle(pathTo(path, at), true);
    change?.(added(spec, body, path, item));
  };
  if (isGroup(field) && group.choice) {
    return (
      <NativeSelect
        size="xs"
        aria-label={t("form.add", { name: label })}
        value=""
        onChange={(event) => event.currentTarget.value !== "" && add({ [event.currentTarget.value]: {} })}
        data={[{ value: "", label: isFirst ? t("form.add_one") : t("form.add", { name: label }) }, ...group.fields.map((each) => ({ value: each.name, label: name(each.name) }))]}
      />
    );
  }
  return (
    <Button size="compact-xs" variant="default" onClick={() => add(isGroup(field) ? {} : "")} aria-label={t("form.add", { name: label })}>
      {isFirst ? t("form.add_short") : t("form.add", { name: label })}
    </Button>
  );
}

/** Any number of the same element. */
function Many({ field, path, label }: LeafProps) {
  const { t } = useTranslation("reports");
  const { spec, body, change, base } = useForm();
  const name = useLabel();
  const items = itemsAt(body, path);
  const isFixed = change === undefined || isFactAlone(path);
  const wrong = <Problems path={path} />;
  if (isFixed && items.length === 0) {
    return <Missing path={path} label={label} />;
  }
  const add = !isFixed && items.length < field.max && <Add field={field} path={path} label={label} isFirst={items.length === 0} />;
  if (!isGroup(field)) {
    return (
      <div className={styles.wide} data-path={path}>
        {items.length === 0 && (
          <div className={styles.head}>
            <span className={styles.label}>{label}</span>
          </div>
        )}
        {items.map((_, at) => (
          <Leaf key={at} field={field} path={pathTo(path, at)} label={label} index={at} />
        ))}
        <div>{add}</div>
        {wrong}
      </div>
    );
  }
  const titleOf = (item: Json) => {
    const chosen = groupOf(spec, field.group).choice && typeof item === "object" && item !== null ? Object.keys(item)[0] : undefined;
    return chosen === undefined ? label : `${label}: ${name(chosen)}`;
  };
  return (
    <div className={styles.wide} data-path={path}>
      {items.map((item, at) => {
        const own = pathTo(path, at);
        const title = items.length > 1 || itemsAt(base, path).length > 1 ? `${titleOf(item)} ${at + 1}` : titleOf(item);
        return (
          <Fold
            key={at}
            path={own}
            title={<GroupTitle label={title} path={own} />}
            aside={
              !isFixed && (
                <Button size="compact-xs" variant="subtle" aria-label={t("form.remove", { name: title })} onClick={() => change(put(spec, body, own, undefined))}>
                  {t("form.remove_short")}
                </Button>
              )
            }
          >
            {() => <Content field={field} path={own} />}
          </Fold>
        );
      })}
      {add !== false && (
        <div className={styles.add}>
          {items.length === 0 && <span className={styles.label}>{label}</span>}
          {add}
        </div>
      )}
      {wrong}
    </div>
  );
}

/** Nothing is said, and it is not for writing: named only where that is wrong. */
function Missing({ path, label }: { path: string; label: string }) {
  const { t } = useTranslation("reports");
  const { change, problems } = useForm();
  return change === undefined && !problems.some((each) => each.path === path) ? null : (
    <div className={styles.field} data-path={path} id={elementId(path)} tabIndex={-1}>
      <div className={styles.head}>
        <span className={styles.label}>{label}</span>
      </div>
      <div className={styles.said}>
        <span className="dim">{t("form.unsaid")}</span>
      </div>
      <Problems path={path} />
    </div>
  );
}

function Field({ field, path }: { field: FieldSpec; path: string }) {
  const { body, change, problems } = useForm();
  const label = useLabel()(field.name);
  if (isMany(field)) {
    return <Many field={field} path={path} label={label} />;
  }
  if (!isGroup(field)) {
    return <Leaf field={field} path={path} label={label} />;
  }
  if (path === "report") {
    return (
      <div className={styles.wide} data-path={path} id={elementId(path)} tabIndex={-1}>
        <Content field={field} path={path} />
        <Problems path={path} />
      </div>
    );
  }
  if (change === undefined && valueAt(body, path) === undefined && !problems.some((each) => isBelow(each.path, path))) {
    return null;
  }
  return (
    <div className={styles.wide}>
      <Fold path={path} title={<GroupTitle label={label} path={path} />}>
        {() => <Content field={field} path={path} />}
      </Fold>
      <Problems path={path} />
    </div>
  );
}

function Fields({ group, path }: { group: string; path: string }) {
  const { t } = useTranslation("reports");
  const { spec, base, change, problems } = useForm();
  const { shown, more } = placed(spec, group, (name) => {
    const own = pathTo(path, name);
    return valueAt(base, own) !== undefined || problems.some((each) => isBelow(each.path, own));
  });
  const fieldsOf = (fields: readonly FieldSpec[]) => (
    <div className={styles.fields}>
      {fields.map((field) => (
        <Field key={field.name} field={field} path={pathTo(path, field.name)} />
      ))}
    </div>
  );
  return (
    <>
      {fieldsOf(shown)}
      {more.length > 0 && change !== undefined && (
        <Fold path={`${path}?more`} title={t("form.more", { count: more.length })}>
          {() => fieldsOf(more)}
        </Fold>
      )}
    </>
  );
}

export function Form(state: Omit<FormState, "helps">) {
  const helps = useMemo(() => helpKeys(state.spec), [state.spec]);
  const own = useMemo(() => ({ ...state, helps }), [state, helps]);
  return (
    <Context.Provider value={own}>
      <Fields group={state.spec.root} path="" />
    </Context.Provider>
  );
}
