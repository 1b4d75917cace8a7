import { render, screen, within } from "@testing-library/react";
import { beforeAll, describe, expect, it } from "vitest";
import { startLanguages } from "../i18n";
import { Bars, Line, Ring, StackedBars, type ChartProps } from ".";
import { roundUp } from "./shared";

const props: ChartProps = {
  title: "Age of the queue",
  about: "Most wait less than an hour.",
  axis: "Hour",
  series: [
    { id: "standard", label: "Standard" },
    { id: "urgent", label: "Urgent" },
  ],
  points: [
    { label: "10", values: { standard: 4, urgent: 0 } },
    { label: "11", values: { standard: 8 } },
    { label: "12", values: { standard: 2, urgent: 3 } },
  ],
};

function heights(container: HTMLElement): number[] {
  return [...container.querySelectorAll('svg[role="img"] > rect')].map((each) => Number(each.getAttribute("height")));
}

describe("charts", () => {
  beforeAll(startLanguages);

  it.each([Bars, StackedBars, Line])("say the same as a table, with gaps said as gaps", (Chart) => {
    render(<Chart {...props} />);
    expect(screen.getByRole("img", { name: "Age of the queue. Most wait less than an hour." })).toBeTruthy();
    const rows = within(screen.getByRole("table", { hidden: true })).getAllByRole("row", { hidden: true });
    expect(rows.map((row) => row.textContent)).toEqual(["HourStandardUrgent", "1040", "118not measured", "1223"]);
  });

  it("draw bars in proportion, and none for nothing", () => {
    const { container } = render(<Bars {...props} />);
    const drawn = heights(container);
    expect(drawn).toHaveLength(4);
    expect((drawn[1] ?? 0) / (drawn[0] ?? 1)).toBeCloseTo(2);
  });

  it("stack bars on each other", () => {
    const { container } = render(<StackedBars {...props} />);
    const [below, above] = [...container.querySelectorAll('svg[role="img"] > rect')].slice(-2);
    expect(Number(above?.getAttribute("y")) + Number(above?.getAttribute("height"))).toBeCloseTo(
      Number(below?.getAttribute("y")),
    );
  });

  it("draw no line over a gap", () => {
    const { container } = render(<Line {...props} />);
    const paths = [...container.querySelectorAll('svg[role="img"] > path')].map((each) => each.getAttribute("d") ?? "");
    expect(paths.map((path) => path.split("M").length - 1)).toEqual([1, 2]);
  });

  it("say that there is nothing yet", () => {
    render(<Bars {...props} points={[]} />);
    expect(screen.queryByRole("img")).toBeNull();
    expect(screen.getByText(/no figures|keine zahlen/i)).toBeTruthy();
  });

  it("never fill a ring more than full", () => {
    const dash = (share: number) => {
      const { container, unmount } = render(<Ring share={share} kind="ok" label="ring" />);
      const [filled = 0, whole = 1] = (container.querySelectorAll("circle")[1]?.getAttribute("stroke-dasharray") ?? "")
        .split(" ")
        .map(Number);
      unmount();
      return filled / whole;
    };
    expect(dash(0)).toBe(0);
    expect(dash(0.25)).toBeCloseTo(0.25, 2);
    expect(dash(7)).toBe(1);
  });

  it("end their axis at a round number", () => {
    expect([0, 1, 3, 7, 12, 99, 4001].map(roundUp)).toEqual([1, 1, 4, 10, 20, 100, 5000]);
  });
});
