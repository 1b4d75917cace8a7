// A person, by name. Where one may know nobody else's name, whoever has a duty or a shift already is there.
import { NativeSelect } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Candidate } from "./people";

interface PersonSelectProps {
  label: string;
  people: readonly Candidate[];
  value: string;
  none?: string; // the word for nobody, where that may be chosen
  onChange: (person: string) => void;
}

export function PersonSelect({ label, people, value, none, onChange }: PersonSelectProps) {
  const { t } = useTranslation("duty");
  return (
    <NativeSelect
      label={label}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      data={[{ value: "", label: none ?? t("choose") }, ...people.map(({ id, name }) => ({ value: id, label: name }))]}
    />
  );
}
