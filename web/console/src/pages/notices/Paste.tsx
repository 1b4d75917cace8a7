// What another service or a caller said, taken down by one of us. Number and PIN are shown once, to be told.
import { Button, Checkbox, Group, Modal, NativeSelect, TextInput, Textarea } from "@mantine/core";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router-dom";
import { api, ask, commandHeader, useCommand, type Schemas } from "@/api";
import { Due, Failure, Status } from "@/ui";
import { Facts } from "../parts";
import { languages } from "../../i18n";
import { languageName } from "../../i18n/names";
import styles from "./notices.module.css";
import { useNoticesChanged } from "./queries";
import { kinds, senders } from "./words";

type Pasted = Schemas["PastedNotice"];
type Receipt = Schemas["NoticeReceipt"];

function Taken({ receipt, onClose }: { receipt: Receipt; onClose: () => void }) {
  const { t } = useTranslation(["notices", "common"]);
  return (
    <div className={styles.form}>
      <p>{t("notices:paste.tell")}</p>
      <Facts
        rows={[
          [t("notices:column.number"), <span key="number" className={styles.pin}>{receipt.number}</span>],
          [t("notices:paste.pin"), receipt.pin !== undefined && <span key="pin" className={styles.pin}>{receipt.pin}</span>],
          [t("notices:column.queue"), t(`notices:queue.${receipt.queue}`)],
          [t("notices:column.due"), <Due key="due" at={receipt.due_at} />],
        ]}
      />
      <Status kind="warn">{receipt.pin === undefined ? t("notices:paste.no_pin") : t("notices:paste.once")}</Status>
      {receipt.contact === "not_kept" && <Status kind="warn">{t("notices:paste.contact_not_kept")}</Status>}
      <Group justify="flex-end" gap="sm">
        <Button component={Link} to={`/notices/${receipt.id}`} variant="default" onClick={onClose}>
          {t("notices:paste.open")}
        </Button>
        <Button onClick={onClose}>{t("common:action.close")}</Button>
      </Group>
    </div>
  );
}

export function Paste({ onClose }: { onClose: () => void }) {
  const { t, i18n } = useTranslation(["notices", "common"]);
  const changed = useNoticesChanged();
  const [form, setForm] = useState<Pasted>({ text: "", kind: "content", sender: "anyone", language: languages.find((each) => each === i18n.language) ?? "en", imminent: false });
  const put = (change: Partial<Pasted>) => setForm((before) => ({ ...before, ...change }));
  const paste = useCommand((body: Pasted, key) => ask(api.POST("/v1/notices/paste", { params: { header: commandHeader(key) }, body })), { onSettled: changed });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const { text, from = "", reference = "", country = "" } = form;
    paste.mutate({
      ...form,
      text: text.trim(),
      from: from.trim() === "" ? undefined : from.trim(),
      reference: reference.trim() === "" ? undefined : reference.trim(),
      country: country.trim() === "" ? undefined : country.trim().toUpperCase(),
    });
  };
  return (
    <Modal opened onClose={onClose} size="lg" title={t("notices:paste.title")} closeButtonProps={{ "aria-label": t("common:action.close") }}>
      {paste.data ? (
        <Taken receipt={paste.data} onClose={onClose} />
      ) : (
        <form className={styles.form} onSubmit={submit}>
          <p className="dim">{t("notices:paste.about")}</p>
          <Textarea
            label={t("notices:paste.text")}
            data-autofocus
            required
            withAsterisk={false}
            autosize
            minRows={4}
            maxRows={10}
            maxLength={8000}
            value={form.text}
            onChange={(event) => put({ text: event.currentTarget.value })}
          />
          <div className={styles.row}>
            <NativeSelect
              label={t("notices:column.kind")}
              value={form.kind ?? "content"}
              onChange={(event) => put({ kind: kinds.find((each) => each === event.currentTarget.value) ?? "content" })}
              data={kinds.map((each) => ({ value: each, label: t(`notices:kind.${each}`) }))}
            />
            <NativeSelect
              label={t("notices:column.sender")}
              value={form.sender ?? "anyone"}
              onChange={(event) => put({ sender: senders.find((each) => each === event.currentTarget.value) ?? "anyone" })}
              data={senders.map((each) => ({ value: each, label: t(`notices:sender.${each}`) }))}
            />
            <NativeSelect
              label={t("notices:paste.language")}
              value={form.language ?? "en"}
              onChange={(event) => put({ language: languages.find((each) => each === event.currentTarget.value) ?? "en" })}
              data={languages.map((each) => ({ value: each, label: languageName(each, i18n.language) }))}
            />
          </div>
          <div className={styles.row}>
            <TextInput label={t("notices:paste.from")} description={t("notices:paste.from_about")} maxLength={200} autoComplete="off" value={form.from ?? ""} onChange={(event) => put({ from: event.currentTarget.value })} />
            <TextInput label={t("notices:paste.reference")} maxLength={128} value={form.reference ?? ""} onChange={(event) => put({ reference: event.currentTarget.value })} />
            <TextInput
              label={t("notices:paste.country")}
              maxLength={2}
              error={form.country !== undefined && !/^[A-Za-z]{0,2}$/.test(form.country) ? t("notices:paste.country_wrong") : undefined}
              value={form.country ?? ""}
              onChange={(event) => put({ country: event.currentTarget.value })}
            />
          </div>
          <Checkbox label={t("notices:paste.imminent")} description={t("notices:paste.imminent_about")} checked={form.imminent ?? false} onChange={(event) => put({ imminent: event.currentTarget.checked })} />
          {paste.error && <Failure error={paste.error} of="command" />}
          <Group justify="flex-end" gap="sm">
            <Button variant="default" onClick={onClose}>
              {t("common:action.cancel")}
            </Button>
            <Button type="submit" loading={paste.isPending} disabled={form.text.trim() === "" || !/^([A-Za-z]{2})?$/.test(form.country ?? "")}>
              {t("notices:paste.send")}
            </Button>
          </Group>
        </form>
      )}
    </Modal>
  );
}
