// Bars, stacked bars, lines and the ring: SVG, no library. `points` in the order of the axis.
import { useId, type ReactNode } from "react";
import {
  Axes,
  BOTTOM,
  ChartFrame,
  HEIGHT,
  LEFT,
  WIDTH,
  inkOf,
  mostOf,
  useUnit,
  xOf,
  yOf,
  type ChartProps,
} from "./shared";

export type { ChartProps, Point, Series } from "./shared";

const FLOOR = HEIGHT - BOTTOM;

/** A fill for each series: the first is plain, the others are hatched too. */
function Fills({ id, count }: { id: string; count: number }) {
  return (
    <defs>
      {Array.from({ length: count }, (_, at) => (
        <pattern
          key={at}
          id={`${id}-${at}`}
          width="6"
          height="6"
          patternUnits="userSpaceOnUse"
          patternTransform={`rotate(${[0, 45, 135, 90, 0][at % 5] ?? 0})`}
        >
          <rect width="6" height="6" fill={inkOf(at)} />
          {at > 0 && <rect width="2" height="6" fill="var(--surface)" />}
        </pattern>
      ))}
    </defs>
  );
}

export function Bars(props: ChartProps) {
  return <BarChart {...props} stacked={false} />;
}

export function StackedBars(props: ChartProps) {
  return <BarChart {...props} stacked />;
}

function BarChart({ stacked, ...props }: ChartProps & { stacked: boolean }) {
  const id = useId();
  const unit = useUnit(props.unit);
  const { points, series } = props;
  const most = mostOf(points, series, stacked);
  const room = ((WIDTH - LEFT) / Math.max(1, points.length)) * 0.7;
  const width = stacked ? room : room / Math.max(1, series.length);
  const bars: ReactNode[] = [];
  points.forEach((point, at) => {
    const left = xOf(at, points.length) - room / 2;
    let below = 0;
    series.forEach((each, which) => {
      const value = point.values[each.id] ?? 0;
      const top = yOf(below + value, most);
      const floor = yOf(below, most);
      if (value > 0) {
        bars.push(
          <rect
            key={`${point.label} ${each.id}`}
            x={stacked ? left : left + which * width}
            y={top}
            width={Math.max(1, width - 1)}
            height={Math.max(0.5, floor - top)}
            fill={`url(#${id}-${which})`}
          />,
        );
      }
      below += stacked ? value : 0;
    });
  });
  const mark = (at: number) => <rect width="12" height="12" fill={`url(#${id}-${at})`} />;
  return (
    <ChartFrame props={props} mark={mark}>
      <Fills id={id} count={series.length} />
      <Axes most={most} points={points} unit={unit} />
      {bars}
      <line x1={LEFT} x2={WIDTH} y1={FLOOR} y2={FLOOR} stroke="var(--edge)" />
    </ChartFrame>
  );
}

const dashes = ["", "5 3", "1.5 2.5", "8 3 2 3", "3 6"];

/** Gaps stay gaps: a line is never drawn over what was not measured. */
export function Line(props: ChartProps) {
  const unit = useUnit(props.unit);
  const { points, series } = props;
  const most = mostOf(points, series, false);
  const stroke = (at: number) => ({
    fill: "none",
    stroke: inkOf(at),
    strokeWidth: 2,
    strokeDasharray: dashes[at % dashes.length],
  });
  const paths = series.map((each, which) => {
    let path = "";
    let drawing = false;
    points.forEach((point, at) => {
      const value = point.values[each.id];
      if (value !== undefined) {
        path += `${drawing ? "L" : "M"}${xOf(at, points.length).toFixed(1)} ${yOf(value, most).toFixed(1)}`;
        path += drawing ? "" : "h0.1";
      }
      drawing = value !== undefined;
    });
    return <path key={each.id} d={path} {...stroke(which)} strokeLinecap="round" />;
  });
  return (
    <ChartFrame props={props} mark={(at) => <path d="M0 6h12" {...stroke(at)} />}>
      <Axes most={most} points={points} unit={unit} />
      {paths}
    </ChartFrame>
  );
}

export interface RingProps {
  share: number; // 0 to 1; more is drawn as full
  label: string; // all that the ring says, in words
  kind: "ok" | "warn" | "bad" | "off";
  size?: number;
  children?: ReactNode; // in the middle
}

export function Ring({ share, label, kind, size = 20, children }: RingProps) {
  const radius = 8;
  const length = 2 * Math.PI * radius;
  const filled = Math.min(1, Math.max(0, share)) * length;
  const ink = kind === "off" ? "var(--edge)" : `var(--${kind === "ok" ? "accent" : kind})`;
  return (
    <svg viewBox="0 0 20 20" width={size} height={size} role="img" aria-label={label}>
      <circle cx="10" cy="10" r={radius} fill="none" stroke="var(--line)" strokeWidth="3" />
      <circle
        cx="10"
        cy="10"
        r={radius}
        fill="none"
        stroke={ink}
        strokeWidth="3"
        strokeDasharray={`${filled.toFixed(2)} ${length.toFixed(2)}`}
        transform="rotate(-90 10 10)"
      />
      {children}
    </svg>
  );
}
