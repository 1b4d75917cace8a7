// Annotations: one key each, in a dialog that closes with Enter.
import { Button, Checkbox, Modal } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { annotations, type Annotation } from "@/casework/words";
import { Keys, useShortcut } from "@/ui";

const keys = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "0", "v"];

interface AnnotationsProps {
  opened: boolean;
  chosen: readonly Annotation[];
  onToggle: (annotation: Annotation) => void;
  onClose: () => void;
}

function Line({ at, annotation, opened, chosen, onToggle }: { at: number; annotation: Annotation } & Omit<AnnotationsProps, "onClose">) {
  const { t } = useTranslation("case");
  const key = keys[at] ?? "";
  useShortcut(key, t(`annotation.${annotation}`), () => onToggle(annotation), { scope: "dialog", enabled: opened });
  return (
    <Checkbox
      label={
        <>
          <Keys keys={key} /> {t(`annotation.${annotation}`)}
        </>
      }
      data-autofocus={at === 0 ? "" : undefined}
      checked={chosen.includes(annotation)}
      onChange={() => onToggle(annotation)}
    />
  );
}

export function Annotations({ opened, chosen, onToggle, onClose }: AnnotationsProps) {
  const { t } = useTranslation(["case", "common"]);
  useShortcut("Enter", t("case:annotations.done"), onClose, { scope: "dialog", enabled: opened });
  return (
    <Modal opened={opened} onClose={onClose} title={t("case:annotations.title")} closeButtonProps={{ "aria-label": t("common:action.close") }}>
      <div className="page">
        {annotations.map((annotation, at) => (
          <Line key={annotation} at={at} annotation={annotation} opened={opened} chosen={chosen} onToggle={onToggle} />
        ))}
        <Button onClick={onClose}>
          {t("case:annotations.done")}&nbsp;
          <Keys keys="Enter" />
        </Button>
      </div>
    </Modal>
  );
}
