// Where one item differs from the rest of the verdict.
import { Button, Modal, MultiSelect, NativeSelect } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { annotations, classes, type CaseItem } from "@/casework/words";
import styles from "./case.module.css";
import type { Different, Form } from "./form";
import { useWhyText } from "./reasons";

interface DiffersProps {
  opened: boolean;
  items: readonly CaseItem[];
  form: Form;
  onChange: (item: string, change: Different | undefined) => void;
  onClose: () => void;
}

export function Differs({ opened, items, form, onChange, onClose }: DiffersProps) {
  const { t } = useTranslation(["case", "common"]);
  const why = useWhyText();
  const same = "same";
  return (
    <Modal opened={opened} onClose={onClose} size="lg" title={t("case:differs.title")} closeButtonProps={{ "aria-label": t("common:action.close") }}>
      <div className="page">
        <p className="dim">{t("case:differs.text")}</p>
        {items.map((item, at) => {
          const different = form.items[item.content_id];
          const label = t("case:differs.item", { number: at + 1, why: why(item) });
          return (
            <div key={item.content_id} className={styles.differs}>
              <NativeSelect
                size="xs"
                label={label}
                value={different === undefined ? same : different.classification}
                onChange={(event) => {
                  const classification = classes.find((each) => each === event.currentTarget.value);
                  onChange(item.content_id, classification && { classification, annotations: different?.annotations ?? [] });
                }}
                data={[
                  { value: same, label: t("case:differs.same") },
                  ...classes.map((each) => ({ value: each, label: t(`case:classification.${each}`) })),
                ]}
              />
              {different && (
                <MultiSelect
                  size="xs"
                  aria-label={t("case:annotations.title")}
                  value={different.annotations}
                  onChange={(values) =>
                    onChange(item.content_id, { ...different, annotations: annotations.filter((each) => values.includes(each)) })
                  }
                  data={annotations.map((each) => ({ value: each, label: t(`case:annotation.${each}`) }))}
                />
              )}
            </div>
          );
        })}
        <Button onClick={onClose}>{t("case:annotations.done")}</Button>
      </div>
    </Modal>
  );
}
