// What is, against what was promised: a bar for each point, to one mark that is each one's promise.
// The first series is what is, the second the promise.
import { Fragment } from "react";
import { ChartFrame, useUnit, type ChartProps } from "./shared";

const MOST = 4; // times the promise; more is drawn as this and said in numbers

export function Against(props: ChartProps & { words: (value: string, promise: string) => string }) {
  const unit = useUnit(props.unit);
  const { series, points, words } = props;
  const [is, promised] = series.map((each) => each.id);
  const rows = points.map(({ label, values }) => {
    const value = values[is ?? ""] ?? 0;
    const promise = values[promised ?? ""] ?? 0;
    return { label, value, promise, share: promise > 0 ? Math.min(MOST, value / promise) : 0 };
  });
  const most = Math.max(1.25, ...rows.map(({ share }) => share));
  const percent = (share: number) => `${((100 * share) / most).toFixed(2)}%`;
  const mark = (at: number) => (at === 0 ? <rect width="12" height="12" fill="var(--accent)" /> : <path d="M6 0v12" stroke="var(--text)" strokeWidth="2" />);
  return (
    <ChartFrame props={props} mark={mark} rows>
      {rows.map(({ label, value, promise, share }) => (
        <Fragment key={label}>
          <span>{label}</span>
          <span className="chart-track">
            <span className="chart-bar" data-over={value > promise ? "" : undefined} style={{ width: percent(share) }} />
            <span className="chart-promise" style={{ left: percent(1) }} />
          </span>
          <span>{words(unit(value), unit(promise))}</span>
        </Fragment>
      ))}
    </ChartFrame>
  );
}
