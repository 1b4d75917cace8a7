// A new list: what it is for and where it comes from cannot be changed later, because consent is
// given to it.
import { Button, Checkbox, Select, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router-dom";
import { api, ask, type Schemas } from "@/api";
import { Failure, Section } from "@/ui";
import styles from "../parts/parts.module.css";

const NAME = /^[a-z0-9][a-z0-9_-]{0,63}$/;
const purposes = ["known_csam", "self_reported", "test", "canary"] as const;
const actions = ["pass", "hold", "quarantine", "case"] as const;

const usual: Required<Schemas["NewList"]> = {
  name: "",
  source: "",
  provenance: "",
  legal_process: "",
  classification: "",
  purpose: "known_csam",
  action: "hold",
  automation: false,
  pdq_distance_max: 31,
};

type Text = "name" | "source" | "provenance" | "legal_process" | "classification";
const texts: readonly (readonly [Text, number])[] = [
  ["name", 64],
  ["source", 128],
  ["classification", 64],
  ["provenance", 512],
  ["legal_process", 512],
];

export function NewList() {
  const { t } = useTranslation("lists");
  const client = useQueryClient();
  const navigate = useNavigate();
  const [list, setList] = useState(usual);
  const create = useMutation({
    mutationFn: () => ask(api.POST("/v1/lists", { body: list })),
    onSuccess: (made) => {
      void client.invalidateQueries({ queryKey: ["lists"] });
      navigate(`/lists/list/${made.id}`);
    },
  });
  const send = (event: FormEvent) => {
    event.preventDefault();
    create.mutate();
  };
  const testing = list.purpose === "test" || list.purpose === "canary";
  const stateless = list.source.startsWith("state:") && list.legal_process.trim() === "";
  const wrong = list.name !== "" && !NAME.test(list.name);
  return (
    <Section title={t("new.title")}>
      <form className={styles.form} onSubmit={send}>
        <Select
          label={t("column.purpose")}
          description={t(`new.purpose_${list.purpose}`)}
          data={purposes.map((each) => ({ value: each, label: t(`purpose.${each}`) }))}
          value={list.purpose}
          onChange={(value) => {
            const purpose = purposes.find((each) => each === value) ?? list.purpose;
            setList({ ...list, purpose, action: "hold", automation: purpose === "self_reported" ? false : list.automation });
          }}
        />
        {texts.map(([name, longest]) => (
          <TextInput
            key={name}
            label={t(`new.${name}`)}
            description={t(`new.${name}_about`)}
            maxLength={longest}
            required={name === "name" || name === "source" || name === "classification"}
            withAsterisk={false}
            error={name === "name" && wrong ? t("new.wrong") : name === "legal_process" && stateless ? t("new.stateless") : undefined}
            value={list[name]}
            onChange={(event) => setList({ ...list, [name]: event.currentTarget.value })}
          />
        ))}
        <Select
          label={t("column.action")}
          data={actions.filter((each) => each !== "pass" || testing).map((each) => ({ value: each, label: t(`action.${each}`) }))}
          value={list.action}
          onChange={(value) => setList({ ...list, action: actions.find((each) => each === value) ?? "hold" })}
        />
        {list.purpose !== "self_reported" && (
          <Checkbox
            label={t("automation.label")}
            description={t("automation.about")}
            checked={list.automation}
            onChange={(event) => setList({ ...list, automation: event.currentTarget.checked })}
          />
        )}
        <TextInput
          label={t("column.distance")}
          description={t("new.distance_about")}
          type="number"
          min={0}
          max={63}
          value={list.pdq_distance_max}
          onChange={(event) => setList({ ...list, pdq_distance_max: Math.min(63, Math.max(0, Number(event.currentTarget.value))) })}
        />
        {create.error && <Failure error={create.error} />}
        <div>
          <Button type="submit" loading={create.isPending} disabled={!NAME.test(list.name) || list.source === "" || list.classification === "" || stateless}>
            {t("new.label")}
          </Button>
        </div>
      </form>
    </Section>
  );
}
