// The view of one item: a plate that starts as nothing, the ladder of grades with what each costs,
// and keys for all of it.
import { Button, Select } from "@mantine/core";
import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useMay, useMe, useOverview } from "@/api";
import { OtherWork } from "@/casework/Paused";
import { shortId, type CaseItem } from "@/casework/words";
import { Failure, Keys, Status, Time, useFormats, useProblemText, useShortcut } from "@/ui";
import { prefer, usePreferences, viewStays } from "../../app/preferences";
import { useNow } from "../../i18n/now";
import styles from "./case.module.css";
import { PurposeDialog } from "./PurposeDialog";
import { frameOf, grades, moreOf, pointsOf, sheetOf, topOf, type Layer, type Wish } from "./plate";
import { useMediaText, useWhyText } from "./reasons";
import { useViewer, type Viewer } from "./useViewer";

/** Who sees which case, and since when, in letters of the page: those in the pixels get small with them. */
function Mark({ caseId }: { caseId: string }) {
  const me = useMe();
  const formats = useFormats();
  const [since] = useState(() => Date.now());
  return (
    <p className={styles.mark}>
      {me.name} &middot; {formats.absolute(since)} &middot; {shortId(caseId)}
    </p>
  );
}

function Canvas({ layer, bitmap, label }: { layer: Layer; bitmap: ImageBitmap | undefined; label: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useLayoutEffect(() => {
    const at = canvas.current;
    if (!at || !bitmap) {
      return undefined;
    }
    at.width = bitmap.width;
    at.height = bitmap.height;
    at.getContext("2d")?.drawImage(bitmap, 0, 0);
    return () => {
      at.width = 0; // which forgets the pixels
      at.height = 0;
    };
  }, [bitmap, layer.id]);
  useEffect(() => {
    const at = canvas.current;
    const no = (event: Event) => event.preventDefault();
    at?.addEventListener("contextmenu", no);
    at?.addEventListener("dragstart", no);
    return () => {
      at?.removeEventListener("contextmenu", no);
      at?.removeEventListener("dragstart", no);
    };
  }, []);
  return (
    <div className={styles.picture} role="img" aria-label={label}>
      <canvas ref={canvas} className={styles.canvas} aria-hidden="true" />
    </div>
  );
}

function Countdown({ until }: { until: number }) {
  const { t } = useTranslation("case");
  const now = useNow(1000);
  return <span className="dim">{t("view.countdown", { count: Math.max(0, Math.ceil((until - now) / 1000)) })}</span>;
}

/** Kindly what happened, and what else there is to do. */
function Refusal({ viewer }: { viewer: Viewer }) {
  const { t } = useTranslation("case");
  const text = useProblemText();
  const { data } = useOverview();
  const { refusal } = viewer;
  if (!refusal) {
    return null;
  }
  if (!refusal.code.startsWith("exposure.") && !refusal.code.startsWith("opening.")) {
    return <Failure error={refusal} />;
  }
  const again = data?.exposure.views_again_at;
  return (
    <div className={styles.refusal} role="alert">
      <p>{text(refusal)}</p>
      {again !== undefined && refusal.code.startsWith("exposure.") && (
        <p>
          {t("paused.again")} <Time at={again} />.
        </p>
      )}
      {refusal.code !== "exposure.cool_down" && <OtherWork />}
    </div>
  );
}

function Ladder({ viewer, onShow }: { viewer: Viewer; onShow: (wish: Wish | undefined) => void }) {
  const { t } = useTranslation("case");
  const top = topOf(viewer.plate);
  const next = moreOf(viewer.plate);
  const at = top ? grades.indexOf(top.grade) : -1;
  return (
    <ol className={styles.ladder} aria-label={t("view.ladder")}>
      <li aria-current={at === -1 ? "step" : undefined}>
        <button type="button" onClick={viewer.drop}>
          {t("grade.nothing")}
          <span className={styles.points}>
            <Keys keys="Escape" />
          </span>
        </button>
      </li>
      {grades.map((grade, place) => {
        const points = pointsOf(viewer.costs?.grades, { grade, frame: top?.frame ?? 0 });
        return (
          <li key={grade} aria-current={place === at ? "step" : undefined} data-passed={place < at ? "" : undefined}>
            <button
              type="button"
              aria-disabled={grade !== next?.grade}
              onClick={() => (grade === next?.grade ? onShow(next) : undefined)}
            >
              {t(`grade.${grade}`)}
              {points !== undefined && <span className={styles.points}>{t("view.points", { count: points })}</span>}
            </button>
          </li>
        );
      })}
    </ol>
  );
}

export function View({ caseId, item, number, of }: { caseId: string; item: CaseItem; number: number; of: number }) {
  const { t } = useTranslation("case");
  const formats = useFormats();
  const mediaText = useMediaText();
  const whyText = useWhyText();
  const mayView = useMay()("evidence_view");
  const { viewSeconds } = usePreferences();
  const { data: overview } = useOverview();
  const viewer = useViewer(caseId, item, mayView);
  const { plate } = viewer;
  const top = topOf(plate);
  const frames = Math.max(1, item.frames);
  const canView = mayView && item.evidence_id !== undefined && item.evidence_state !== "destroyed";
  const isShown = top !== undefined;
  const enabled = canView && plate.phase !== "purpose";

  const show = (wish: Wish | undefined) => {
    if (wish) {
      viewer.show(wish);
    }
  };
  useShortcut(".", t("view.more"), () => show(moreOf(plate)), { enabled });
  useShortcut(",", t("view.less"), viewer.less, { enabled: enabled && isShown });
  useShortcut("Escape", t("view.nothing"), viewer.drop, { enabled: isShown || plate.phase === "loading", inInputs: true });
  useShortcut("ArrowLeft", t("view.frame_before"), () => show(frameOf(plate, -1, frames)), { enabled: enabled && frames > 1 });
  useShortcut("ArrowRight", t("view.frame_after"), () => show(frameOf(plate, 1, frames)), { enabled: enabled && frames > 1 });
  useShortcut("c", t("view.sheet"), () => show(sheetOf(plate, frames)), { enabled: enabled && frames > 1 });

  const next = moreOf(plate);
  const nextPoints = next && pointsOf(viewer.costs?.grades, next);
  const exposure = overview?.exposure;
  const left = exposure ? Math.max(0, exposure.points_max - exposure.points) : undefined;
  const frameText = !top
    ? ""
    : top.frame === "sheet"
      ? t("view.is_sheet")
      : frames > 1
        ? t("view.is_frame", { frame: top.frame + 1, frames })
        : "";
  const said = top ? [t(`grade.${top.grade}`), frameText].filter(Boolean).join(", ") : t("grade.nothing");

  return (
    <section className={styles.view} aria-label={t("view.title")}>
      <div className={styles.viewHead}>
        <b>{of > 1 ? t("view.item", { number, of }) : t("view.title")}</b>
        <Status kind={item.viewed === "yes" ? "info" : "off"}>{t(`viewed_short.${item.viewed ?? "no"}`)}</Status>
        <span className={styles.spring} />
        {top ? <Countdown until={plate.until} /> : <span className="dim">{t("view.stay_short")}</span>}
        <Select
          size="xs"
          w={88}
          aria-label={t("view.stay")}
          data={viewStays.map((seconds) => ({ value: String(seconds), label: formats.duration(seconds * 1000) }))}
          value={String(viewSeconds)}
          onChange={(value) => prefer({ viewSeconds: Number(value ?? 20) })}
        />
      </div>
      <div className={styles.plate} data-shown={isShown ? "" : undefined}>
        {top ? (
          <>
            <Canvas layer={top} bitmap={viewer.bitmapOf(top.id)} label={said} />
            <Mark key={top.id} caseId={caseId} />
          </>
        ) : (
          <div className={styles.plateText}>
            <p>{mediaText(item)}</p>
            <p className="dim">{whyText(item)}</p>
            {!canView && (
              <p className="dim">
                {!mayView ? t("view.not_yours") : item.evidence_state === "destroyed" ? t("view.destroyed") : t("view.not_kept")}
              </p>
            )}
          </div>
        )}
        {plate.phase === "loading" && <p className={styles.loading}>{t("view.loading")}</p>}
      </div>
      <p className="sr-only" role="status">
        {said}
      </p>
      <Refusal viewer={viewer} />
      {canView && (
        <>
          <Ladder viewer={viewer} onShow={show} />
          <div className={styles.viewFoot}>
            <Button size="compact-sm" variant="default" aria-disabled={!next} onClick={() => show(next)}>
              {t("view.more")}&nbsp;
              <Keys keys="." />
            </Button>
            <Button size="compact-sm" variant="default" aria-disabled={!isShown} onClick={viewer.less}>
              {t("view.less")}&nbsp;
              <Keys keys="," />
            </Button>
            {frames > 1 && (
              <>
                <Button size="compact-sm" variant="default" aria-disabled={!isShown} onClick={() => show(frameOf(plate, -1, frames))} aria-label={t("view.frame_before")}>
                  <Keys keys="ArrowLeft" />
                </Button>
                <Button size="compact-sm" variant="default" aria-disabled={!isShown} onClick={() => show(frameOf(plate, 1, frames))} aria-label={t("view.frame_after")}>
                  <Keys keys="ArrowRight" />
                </Button>
                <Button size="compact-sm" variant="default" onClick={() => show(sheetOf(plate, frames))}>
                  {t("view.sheet")}&nbsp;
                  <Keys keys="c" />
                </Button>
                <span className="dim">{frameText}</span>
              </>
            )}
            <span className="dim">
              {next && nextPoints !== undefined && t("view.cost", { grade: t(`grade.${next.grade}`), count: nextPoints })}{" "}
              {exposure && left !== undefined && t("view.left", { count: left, most: exposure.points_max })}
            </span>
          </div>
        </>
      )}
      <PurposeDialog
        opened={plate.phase === "purpose"}
        grade={plate.wish?.grade ?? "outline"}
        points={plate.wish && pointsOf(viewer.costs?.grades, plate.wish)}
        left={left}
        onGive={viewer.giveWhy}
        onClose={viewer.cancel}
      />
    </section>
  );
}
