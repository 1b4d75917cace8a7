// What differs between two documents, field by field, in words.
import { useTranslation } from "react-i18next";
import { Fetched } from "@/ui";
import type { FormSpec } from "./form";
import { usePathText } from "./labels";
import { useReportChanges } from "./queries";
import styles from "./reports.module.css";

/** The server leaves out what is empty. */
interface Change {
  path: string;
  before?: string;
  after?: string;
}

interface Words {
  spec: FormSpec;
  before: string;
  after: string;
}

function Items({ items, spec, before, after }: Words & { items: readonly Change[] }) {
  const { t } = useTranslation("reports");
  const pathText = usePathText(spec);
  const said = (text: string | undefined) => (text === undefined || text === "" ? <span className="dim">{t("form.unsaid")}</span> : text);
  return (
    <dl className={styles.changes}>
      {items.map((each) => (
        <div key={each.path}>
          <dt>{pathText(each.path) || each.path}</dt>
          <dd>
            <span className={styles.was}>
              <span className="dim">{before} </span>
              {said(each.before)}
            </span>
            <span className={styles.is}>
              <span className="dim">{after} </span>
              {said(each.after)}
            </span>
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Asked({ id, number, ...words }: Words & { id: string; number: number }) {
  const { t } = useTranslation("reports");
  const query = useReportChanges(id, number);
  return <Fetched query={query}>{({ items }) => (items.length === 0 ? <p className="dim">{t("changes.none")}</p> : <Items items={items} {...words} />)}</Fetched>;
}

/** `items` where they are known; else those of a version against the one before. */
export function Changes({ items, of, ...words }: Words & { items?: readonly Change[]; of?: { id: string; number: number } }) {
  return items ? <Items items={items} {...words} /> : of && <Asked id={of.id} number={of.number} {...words} />;
}
