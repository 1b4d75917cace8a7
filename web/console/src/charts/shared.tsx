// What all charts share: a figure with its words, a table of the same numbers for who would rather
// read, patterns beside colours so that no colour is needed.
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useFormats } from "../i18n/format";

export interface Series {
  id: string;
  label: string;
}

/** One place on the axis. A value of undefined is a gap: not measured, not 0. */
export interface Point {
  label: string;
  values: Record<string, number | undefined>;
}

export interface ChartProps {
  title: string;
  about?: string; // the sentence that one should take away
  series: readonly Series[];
  points: readonly Point[];
  unit?: (value: number) => string;
  axis: string; // the name of the axis of points
}

export const WIDTH = 640;
export const HEIGHT = 180;
export const LEFT = 44;
export const BOTTOM = 20;
export const TOP = 8;

const inks = ["var(--accent)", "var(--warn)", "var(--ok)", "var(--dim)", "var(--bad)"];

export function inkOf(at: number): string {
  return inks[at % inks.length] ?? "var(--dim)";
}

/** A round number at or above the largest, so that the axis has whole steps. */
export function roundUp(value: number): number {
  if (value <= 0) {
    return 1;
  }
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 2, 4, 5, 10].find((each) => each * power >= value) ?? 10;
  return step * power;
}

/** About eight labels, however many points. */
export function labelEvery(count: number): number {
  return Math.max(1, Math.ceil(count / 8));
}

export function xOf(at: number, count: number): number {
  return LEFT + ((at + 0.5) * (WIDTH - LEFT)) / Math.max(1, count);
}

export function yOf(value: number, most: number): number {
  return TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / most);
}

export function Axes({ most, points, unit }: { most: number; points: readonly Point[]; unit: (value: number) => string }) {
  const every = labelEvery(points.length);
  return (
    <g>
      {[0, 0.5, 1].map((share) => (
        <g key={share}>
          <line x1={LEFT} x2={WIDTH} y1={yOf(share, 1)} y2={yOf(share, 1)} stroke="var(--line)" />
          <text x={LEFT - 6} y={yOf(share, 1) + 4} textAnchor="end">
            {unit(share * most)}
          </text>
        </g>
      ))}
      {points.map(
        (point, at) =>
          at % every === 0 && (
            <text key={point.label} x={xOf(at, points.length)} y={HEIGHT - 4} textAnchor="middle">
              {point.label}
            </text>
          ),
      )}
    </g>
  );
}

export function useUnit(unit: ChartProps["unit"]): (value: number) => string {
  const formats = useFormats();
  return unit ?? ((value) => formats.number(value, { maximumFractionDigits: 1, notation: value >= 10_000 ? "compact" : "standard" }));
}

function Legend({ series, mark }: { series: readonly Series[]; mark: (at: number) => ReactNode }) {
  return (
    <ul className="chart-legend" aria-hidden="true">
      {series.map((each, at) => (
        <li key={each.id}>
          <svg viewBox="0 0 12 12">{mark(at)}</svg>
          {each.label}
        </li>
      ))}
    </ul>
  );
}

interface ChartFrameProps {
  props: ChartProps;
  mark: (at: number) => ReactNode;
  rows?: boolean; // lines of the page instead of a drawing: their letters keep their size
  children: ReactNode;
}

export function ChartFrame({ props, mark, rows = false, children }: ChartFrameProps) {
  const { t } = useTranslation("common");
  const unit = useUnit(props.unit);
  const { title, about, series, points, axis } = props;
  const said = about === undefined ? title : `${title}. ${about}`;
  if (points.length === 0) {
    return (
      <figure className="chart">
        <figcaption>{title}</figcaption>
        <p className="dim">{t("chart.none")}</p>
      </figure>
    );
  }
  return (
    <figure className="chart">
      <figcaption>
        {title}
        {about !== undefined && <span className="dim"> {about}</span>}
      </figcaption>
      {rows ? (
        <div className="chart-rows" role="img" aria-label={said}>
          {children}
        </div>
      ) : (
        <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={said}>
          {children}
        </svg>
      )}
      {series.length > 1 && <Legend series={series} mark={mark} />}
      <details>
        <summary>{t("chart.table")}</summary>
        <div className="table-box" role="region" aria-label={title} tabIndex={0}>
          <table className="table">
            <thead>
              <tr>
                <th scope="col">{axis}</th>
                {series.map((each) => (
                  <th key={each.id} scope="col" className="number">
                    {each.label}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {points.map((point) => (
                <tr key={point.label}>
                  <th scope="row">{point.label}</th>
                  {series.map((each) => {
                    const value = point.values[each.id];
                    return (
                      <td key={each.id} className="number">
                        {value === undefined ? t("chart.gap") : unit(value)}
                      </td>
                    );
                  })}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </figure>
  );
}

export function mostOf(points: readonly Point[], series: readonly Series[], stacked: boolean): number {
  let most = 0;
  for (const point of points) {
    const values = series.map((each) => point.values[each.id] ?? 0);
    most = Math.max(most, stacked ? values.reduce((sum, value) => sum + value, 0) : Math.max(0, ...values));
  }
  return roundUp(most);
}
