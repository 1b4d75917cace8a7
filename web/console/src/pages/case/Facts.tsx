// Why this is here, in the order in which one decides; and the items, where there are several.
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router-dom";
import { marks as knownMarks, shortId, type CaseItem, type CaseWhole } from "@/casework/words";
import { Status, Time, useFormats } from "@/ui";
import styles from "./case.module.css";
import { useMediaText, useWhyText } from "./reasons";

interface ItemsProps {
  items: readonly CaseItem[];
  chosen: number;
  onChoose: (at: number) => void;
}

export function Items({ items, chosen, onChoose }: ItemsProps) {
  const { t } = useTranslation("case");
  const why = useWhyText();
  return (
    <ul className={styles.items} aria-label={t("items.label")}>
      {items.map((item, at) => (
        <li key={item.content_id}>
          <button type="button" aria-current={at === chosen} onClick={() => onChoose(at)}>
            <span className="number">{at + 1}</span>
            <span className={styles.itemWhy}>{why(item)}</span>
            <span className="dim">{t(`viewed_short.${item.viewed ?? "no"}`)}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}

function Row({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="facts-row">
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

export function Facts({ whole, item }: { whole: CaseWhole; item: CaseItem | undefined }) {
  const { t } = useTranslation("case");
  const formats = useFormats();
  const media = useMediaText();
  const of = whole.case;
  return (
    <dl className={`facts ${styles.facts ?? ""}`}>
      {item && (
        <>
          <Row name={t("fact.match")}>
            {item.list === "" ? (
              t(`origin.${item.origin}`)
            ) : item.exact ? (
              <Status kind="info">{t("fact.exact")}</Status>
            ) : (
              <Status kind="warn">{t("fact.near", { distance: item.distance })}</Status>
            )}
          </Row>
          {item.list !== "" && (
            <>
              <Row name={t("fact.list")}>
                {item.list}
                <br />
                <span className="dim">
                  {[item.list_classification, t(item.trusted ? "fact.trusted" : "fact.not_trusted")].filter(Boolean).join(", ")}
                </span>
              </Row>
              <Row name={t("fact.kind")}>{item.match_kind}</Row>
              {!item.exact && <Row name={t("fact.quality")}>{t("fact.of_100", { value: item.quality })}</Row>}
            </>
          )}
          <Row name={t("fact.same")}>{formats.number(item.same_bytes)}</Row>
          <Row name={t("fact.group")}>{item.group_size > 0 ? formats.number(item.group_size) : t("fact.none")}</Row>
        </>
      )}
      <Row name={t("fact.spread")}>{formats.number(of.spread)}</Row>
      <Row name={t("fact.reports")}>{formats.number(of.reports)}</Row>
      {of.account !== undefined && (
        <Row name={t("fact.account")}>
          <span className={styles.breakable}>{of.account}</span>
        </Row>
      )}
      <Row name={t("fact.earlier")}>
        {of.account !== undefined && whole.earlier_cases > 0 ? (
          <Link to={`/cases?account=${encodeURIComponent(of.account)}`}>{formats.number(whole.earlier_cases)}</Link>
        ) : (
          formats.number(whole.earlier_cases)
        )}
      </Row>
      {of.marks.length > 0 && (
        <Row name={t("fact.marks")}>{knownMarks.filter((each) => of.marks.includes(each)).map((each) => t(`mark.${each}`)).join(", ")}</Row>
      )}
      {item && (
        <>
          <Row name={t("fact.viewed")}>{t(`viewed_short.${item.viewed ?? "no"}`)}</Row>
          <Row name={t("fact.door")}>{[item.door, item.source].filter(Boolean).join(", ")}</Row>
          <Row name={t("fact.received")}>
            <Time at={item.received_at} />
          </Row>
          <Row name={t("fact.media")}>{media(item)}</Row>
          {item.external_id !== undefined && (
            <Row name={t("fact.external")}>
              <span className={styles.breakable}>{item.external_id}</span>
            </Row>
          )}
          <Row name={t("fact.evidence")}>
            {item.evidence_id !== undefined ? (
              <Link to={`/evidence/${item.evidence_id}`} className="mono">
                {shortId(item.evidence_id)}
              </Link>
            ) : (
              t("fact.none")
            )}
          </Row>
          <Row name={t("fact.content")}>
            <span className="mono">{shortId(item.content_id)}</span>
          </Row>
        </>
      )}
    </dl>
  );
}
