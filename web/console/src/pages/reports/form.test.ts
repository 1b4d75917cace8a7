import { describe, expect, it } from "vitest";
import en from "../../locales/en/reportform.json";
import de from "../../locales/de/reportform.json";
import fixture from "./form.fixture.json";
import { added, bare, cleaned, countOf, helpKeys, isFactAlone, isGroup, isMany, placed, put, valueAt, viewedOf, walk, type FormSpec, type JsonObject } from "./form";

const spec: FormSpec = fixture;

/** Every element that a document can hold, once around. */
function everyPath(group = spec.root, path = "", seen: readonly string[] = []): string[] {
  const fields = spec.groups[group]?.fields ?? [];
  return fields.flatMap((field) => {
    const own = (path === "" ? field.name : `${path}/${field.name}`) + (isMany(field) ? "/0" : "");
    const isNew = field.group !== undefined && !seen.includes(field.group);
    return [own, ...(isNew ? everyPath(field.group, own, [...seen, field.group ?? ""]) : [])];
  });
}

describe("a document by paths", () => {
  it("reaches every element of the authority's tree, each with a label and a help in both languages", () => {
    const paths = everyPath();
    expect(paths.length).toBeGreaterThan(500);
    const keys = helpKeys(spec);
    for (const path of paths) {
      const last = walk(spec, path).at(-1);
      const name = bare(last?.field.name ?? "");
      const help = keys.get(last?.field.help ?? "") ?? "";
      for (const catalogue of [en, de]) {
        expect(Object.hasOwn(catalogue.field, name), `${path}: no label`).toBe(true);
        expect(Object.hasOwn(catalogue.help, help), `${path}: no help ${help}`).toBe(true);
      }
      expect((en.help as Record<string, string>)[help]).toBe(last?.field.help);
      if (last && !isGroup(last.field)) {
        const body = put(spec, {}, path, "x");
        expect(valueAt(body, path), path).toBe("x");
        expect(countOf(body)).toBe(1);
      }
    }
  });

  it("keeps what it did not change", () => {
    const before: JsonObject = { report: { incidentSummary: { platform: "a" } }, files: [{}] };
    const after = put(spec, before, "report/additionalInfo", "b");
    expect(after).toEqual({ report: { incidentSummary: { platform: "a" }, additionalInfo: "b" }, files: [{}] });
    expect(before).toEqual({ report: { incidentSummary: { platform: "a" } }, files: [{}] });
  });

  it("removes with the last word what held it, and keeps what says something by being there", () => {
    const one = put(spec, { report: {} }, "report/lawEnforcement/officerContact/firstName", "a");
    expect(put(spec, one, "report/lawEnforcement/officerContact/firstName", undefined)).toEqual({ report: {} });
    const page: JsonObject = { report: { internetDetails: [{ webPageIncident: { url: ["https://example.org"] } }] } };
    expect(put(spec, page, "report/internetDetails/0/webPageIncident/url/0", undefined)).toEqual({ report: { internetDetails: [{ webPageIncident: {} }] } });
    expect(put(spec, page, "report/internetDetails/0", undefined)).toEqual({ report: {} });
    expect(put(spec, { report: {}, files: [{ fileName: "a" }] }, "files/0/fileName", undefined)).toEqual({ report: {}, files: [{}] });
  });

  it("adds one of several, and sends no line that was left empty", () => {
    const path = "report/personOrUserReported/0/displayName";
    const body = added(spec, added(spec, { report: {} }, path, "one"), path, "");
    expect(valueAt(body, `${path}/1`)).toBe("");
    expect(cleaned(body)).toEqual({ report: { personOrUserReported: [{ displayName: ["one"] }] } });
    expect(cleaned(put(spec, { report: {}, files: [] }, path, [""]))).toEqual({ report: { personOrUserReported: [{}] }, files: [] });
  });

  it("never makes no of what is not stated", () => {
    const said = put(spec, { report: {} }, "report/personOrUserReported/0/compromisedAccount", false);
    expect(valueAt(said, "report/personOrUserReported/0/compromisedAccount")).toBe(false);
    const unsaid = put(spec, said, "report/personOrUserReported/0/compromisedAccount", undefined);
    expect(JSON.stringify(unsaid)).not.toContain("compromisedAccount");
  });

  it("leaves to facts what only facts say", () => {
    expect(["files", "files/0/fileViewedByEsp", "files/12/originalFileHash/0/#text", "files/3/publiclyAvailable"].every(isFactAlone)).toBe(true);
    expect(["files/0/fileName", "report/additionalInfo", "files/0/additionalInfo/0"].some(isFactAlone)).toBe(false);
  });

  it("has in view what is said, what is needed and what is common, and the rest one step away", () => {
    const { shown, more } = placed(spec, "personOrUserReported", (name) => name === "vehicleDescription");
    expect(shown.map((each) => each.name)).toEqual(["vehicleDescription", "espIdentifier", "screenName", "additionalInfo"]);
    expect(shown.length + more.length).toBe(spec.groups.personOrUserReported?.fields.length);
    expect(placed(spec, "report", () => false).more.map((each) => each.name)).toEqual(["batchedReport", "lawEnforcement"]);
    expect(placed(spec, "email", () => false).more).toEqual([]);
  });

  it("counts who looked at the files", () => {
    expect(viewedOf({ files: [{ fileViewedByEsp: true }, { fileViewedByEsp: false }, {}] })).toEqual({ whole: 1, nobody: 1, unsaid: 1 });
  });
});
