// The last decision, for as long as it can be taken back, in the head of a page.
import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Keys } from "@/ui";
import { useUndo } from "./undo";
import { shortId } from "./words";

export function UndoNote() {
  const { t } = useTranslation("case");
  const { possible, undo } = useUndo();
  return possible === undefined ? null : (
    <span>
      {t("undo.inline", { id: shortId(possible.id) })}{" "}
      <Button variant="default" onClick={undo}>
        {t("undo.button")}&nbsp;
        <Keys keys="u" />
      </Button>
    </span>
  );
}
