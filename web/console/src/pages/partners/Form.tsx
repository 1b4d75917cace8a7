// What is true of a partner now.
import { Button, NativeSelect, TextInput, Textarea } from "@mantine/core";
import { useId, useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { Failure } from "@/ui";
import styles from "../parts/parts.module.css";
import { detailsOf, formOf, kinds, texts, wrongOf, type Details, type Partner, type Wrong } from "./words";

interface FormProps {
  of?: Partner; // as it is
  others: readonly Partner[]; // who can be its deputy
  busy: boolean;
  error: unknown;
  onSave: (details: Details) => void;
}

export function Form({ of, others, busy, error, onSave }: FormProps) {
  const { t } = useTranslation("partners");
  const absence = useId();
  const [form, setForm] = useState(() => formOf(of));
  const put = (change: Partial<typeof form>) => setForm((before) => ({ ...before, ...change }));
  const wrong = wrongOf(form);
  const complaint = (which: Wrong) => (wrong.includes(which) ? t(`wrong.${which}`) : undefined);
  const save = (event: FormEvent) => {
    event.preventDefault();
    if (wrong.length === 0) {
      onSave(detailsOf(form));
    }
  };
  return (
    <form className={styles.form} onSubmit={save}>
      <NativeSelect
        label={t("column.kind")}
        value={form.kind}
        onChange={(event) => put({ kind: kinds.find((each) => each === event.currentTarget.value) ?? form.kind })}
        data={kinds.map((each) => ({ value: each, label: t(`kind.${each}`) }))}
      />
      {texts.map(([name, longest]) => (
        <TextInput
          key={name}
          label={t(`column.${name}`)}
          description={name === "name" || name === "token" || name === "role" ? t(`form.${name}`) : undefined}
          maxLength={longest}
          required={name === "name"}
          withAsterisk={false}
          autoComplete="off"
          error={name === "url" ? complaint("url") : undefined}
          value={form[name]}
          onChange={(event) => put({ [name]: event.currentTarget.value })}
        />
      ))}
      <TextInput label={t("form.country")} maxLength={2} error={complaint("country")} value={form.country} onChange={(event) => put({ country: event.currentTarget.value })} />
      <NativeSelect
        label={t("column.deputy")}
        description={t("form.deputy")}
        value={form.deputy}
        onChange={(event) => put({ deputy: event.currentTarget.value })}
        data={[{ value: "", label: t("nobody") }, ...others.map((each) => ({ value: each.id, label: [each.name, each.organisation].filter(Boolean).join(", ") }))]}
      />
      <fieldset className={styles.form} aria-describedby={absence}>
        <legend>{t("form.absence")}</legend>
        <TextInput type="datetime-local" label={t("form.from")} value={form.from} onChange={(event) => put({ from: event.currentTarget.value })} />
        <TextInput type="datetime-local" label={t("form.until")} error={complaint("absence")} value={form.until} onChange={(event) => put({ until: event.currentTarget.value })} />
        <p className="dim" id={absence}>
          {t("form.absence_about")}
        </p>
      </fieldset>
      <TextInput type="number" min={1} max={3650} label={t("form.days")} error={complaint("days")} value={form.days} onChange={(event) => put({ days: event.currentTarget.value })} />
      <Textarea label={t("column.note")} autosize minRows={2} maxRows={8} maxLength={2000} value={form.note} onChange={(event) => put({ note: event.currentTarget.value })} />
      {error !== undefined && error !== null && <Failure error={error} />}
      <div>
        <Button type="submit" loading={busy} disabled={wrong.length > 0}>
          {of === undefined ? t("new.save") : t("form.save")}
        </Button>
      </div>
    </form>
  );
}
