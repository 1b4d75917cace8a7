import { describe, expect, it } from "vitest";
import { frameOf, grades, moreOf, nothing, plateReducer, pointsOf, sheetOf, topOf, type Plate, type Wish } from "./plate";

function shown(plate: Plate, wish: Wish | undefined, id: number, until = 1000): Plate {
  if (!wish) {
    throw new Error("nothing to ask for");
  }
  const asked = plateReducer(plate, { type: "ask", wish, purposeKnown: true });
  return plateReducer(asked, { type: "loaded", id, until });
}

function upTo(count: number): Plate {
  let plate = nothing;
  for (let id = 1; id <= count; ++id) {
    plate = shown(plate, moreOf(plate), id);
  }
  return plate;
}

describe("the plate", () => {
  it("starts as nothing, and the first step is the least grade", () => {
    expect(topOf(nothing)).toBeUndefined();
    expect(moreOf(nothing)).toEqual({ grade: "outline", frame: 0 });
  });

  it("goes up one grade at a time and ends at full", () => {
    let plate = nothing;
    for (const grade of grades) {
      expect(moreOf(plate)?.grade).toBe(grade);
      plate = shown(plate, moreOf(plate), 1);
      expect(topOf(plate)?.grade).toBe(grade);
    }
    expect(moreOf(plate)).toBeUndefined();
  });

  it("asks for a purpose first where none was given, and cancels to what was shown", () => {
    const wish = { grade: "outline", frame: 0 } as const;
    const asked = plateReducer(nothing, { type: "ask", wish, purposeKnown: false });
    expect(asked.phase).toBe("purpose");
    expect(plateReducer(asked, { type: "purpose" }).phase).toBe("loading");
    expect(plateReducer(asked, { type: "cancel" })).toEqual(nothing);
  });

  it("shows less without asking anybody, down to nothing", () => {
    const three = upTo(3);
    const two = plateReducer(three, { type: "less" });
    expect(topOf(two)).toMatchObject({ grade: "mosaic", id: 2 });
    const none = plateReducer(plateReducer(two, { type: "less" }), { type: "less" });
    expect(none).toEqual(nothing);
  });

  it("goes back to nothing when its time is over, and a key gives it time again", () => {
    const plate = upTo(2);
    expect(plateReducer(plate, { type: "tick", now: 999 })).toBe(plate);
    const awake = plateReducer(plate, { type: "awake", until: 5000 });
    expect(plateReducer(awake, { type: "tick", now: 1000 })).toBe(awake);
    expect(plateReducer(awake, { type: "tick", now: 5000 })).toEqual(nothing);
  });

  it("shows nothing that arrives after it was dropped", () => {
    const asked = plateReducer(nothing, { type: "ask", wish: { grade: "outline", frame: 0 }, purposeKnown: true });
    const dropped = plateReducer(asked, { type: "drop" });
    expect(plateReducer(dropped, { type: "loaded", id: 9, until: 1000 })).toEqual(nothing);
  });

  it("asks for one thing at a time", () => {
    const asked = plateReducer(nothing, { type: "ask", wish: { grade: "outline", frame: 0 }, purposeKnown: true });
    expect(plateReducer(asked, { type: "ask", wish: { grade: "mosaic", frame: 0 }, purposeKnown: true })).toBe(asked);
  });

  it("forgets lesser views of another frame", () => {
    const plate = shown(upTo(2), frameOf(upTo(2), 1, 5), 7);
    expect(plate.layers).toEqual([{ grade: "mosaic", frame: 1, id: 7 }]);
  });

  it("stays within the frames there are", () => {
    const plate = upTo(1);
    expect(frameOf(plate, -1, 5)).toBeUndefined();
    expect(frameOf(plate, 9, 5)).toEqual({ grade: "outline", frame: 4 });
    expect(frameOf(plate, 1, 1)).toBeUndefined();
    expect(frameOf(nothing, 1, 5)).toBeUndefined();
  });

  it("has no contact sheet in full, nor of a still picture", () => {
    expect(sheetOf(nothing, 1)).toBeUndefined();
    expect(sheetOf(upTo(5), 12)).toEqual({ grade: "grey_small", frame: "sheet" });
    const sheet = shown(upTo(4), sheetOf(upTo(4), 12), 8);
    expect(moreOf(sheet)).toBeUndefined();
    expect(pointsOf({ grey_small: 8 }, { grade: "grey_small", frame: "sheet" })).toBe(16);
  });
});
