// Why somebody looks: asked once a case, answered with one key.
import { Button, Modal } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Keys, useShortcut } from "@/ui";
import styles from "./case.module.css";
import type { Grade } from "./plate";
import { purposes, type Purpose } from "./useViewer";

interface PurposeDialogProps {
  opened: boolean;
  grade: Grade;
  points: number | undefined;
  left: number | undefined;
  onGive: (purpose: Purpose) => void;
  onClose: () => void;
}

function PurposeKey({ at, purpose, opened, onGive }: { at: number; purpose: Purpose } & Pick<PurposeDialogProps, "opened" | "onGive">) {
  const { t } = useTranslation("case");
  useShortcut(String(at + 1), t(`purpose.${purpose}`), () => onGive(purpose), { scope: "dialog", enabled: opened });
  return (
    <Button variant="default" justify="flex-start" onClick={() => onGive(purpose)} data-autofocus={at === 0 ? "" : undefined}>
      <Keys keys={String(at + 1)} />
      &nbsp;{t(`purpose.${purpose}`)}
    </Button>
  );
}

export function PurposeDialog({ opened, grade, points, left, onGive, onClose }: PurposeDialogProps) {
  const { t } = useTranslation(["case", "common"]);
  return (
    <Modal opened={opened} onClose={onClose} title={t("case:purpose_dialog.title")} closeButtonProps={{ "aria-label": t("common:action.close") }}>
      <div className="page">
        <p>
          {points !== undefined && t("case:view.cost", { grade: t(`case:grade.${grade}`), count: points })}{" "}
          {left !== undefined && t("case:purpose_dialog.left", { count: left })}
        </p>
        <p className="dim">{t("case:purpose_dialog.text")}</p>
        <div className={styles.choicesColumn} role="group" aria-label={t("case:purpose_dialog.title")}>
          {purposes.map((purpose, at) => (
            <PurposeKey key={purpose} at={at} purpose={purpose} opened={opened} onGive={onGive} />
          ))}
        </div>
        <p className="dim">{t("case:purpose_dialog.safety")}</p>
      </div>
    </Modal>
  );
}
