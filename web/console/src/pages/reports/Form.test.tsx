import { MantineProvider } from "@mantine/core";
import { fireEvent, render, screen, within } from "@testing-library/react";
import { useState } from "react";
import { beforeAll, describe, expect, it } from "vitest";
import type { Schemas } from "@/api";
import { loadTexts, startLanguages } from "../../i18n";
import { Form } from "./Form";
import fixture from "./form.fixture.json";
import { isOpenAtFirst, valueAt, type FormSpec, type JsonObject } from "./form";

const spec: FormSpec = fixture;
const start: JsonObject = {
  report: {
    incidentSummary: { incidentType: "Child Sex Tourism", incidentDateTime: "2026-01-05T10:00:00Z" },
    personOrUserReported: [{ espIdentifier: "account-1", compromisedAccount: false }],
  },
  files: [{ fileViewedByEsp: false, additionalInfo: ["a sentence of the facts", "what a person wrote"] }],
};
const origins = new Map<string, Schemas["ReportOrigin"]>(
  (
    [
      ["files/0/fileViewedByEsp", "exposure"],
      ["files/0/additionalInfo/0", "exposure"],
      ["files/0/additionalInfo/1", "person"],
    ] as const
  ).map(([path, source]) => [path, { path, source }]),
);
const problems = [{ path: "report/incidentSummary/incidentDateTime", code: "in_the_future", message: "Give a time in the past." }];

let written: JsonObject;

function Screen({ reading = false }: { reading?: boolean }) {
  const [body, setBody] = useState(start);
  const [opened, setOpened] = useState(new Map<string, boolean>());
  written = body;
  return (
    <MantineProvider>
      <Form
        spec={spec}
        body={body}
        base={start}
        {...(reading ? {} : { change: setBody })}
        problems={reading ? [] : problems}
        origins={origins}
        isOpen={(path) => opened.get(path) ?? isOpenAtFirst(path)}
        toggle={(path, open) => setOpened((before) => new Map(before).set(path, open))}
        explained={false}
      />
    </MantineProvider>
  );
}

describe("the form of a report", { timeout: 30_000 }, () => {
  beforeAll(async () => {
    await startLanguages();
    await loadTexts(["reports", "reportform"]);
  });

  it("says yes, no and not stated, and no is never what was not said", () => {
    render(<Screen />);
    const path = "report/personOrUserReported/0/compromisedAccount";
    const question = screen.getByRole("radiogroup", { name: "Account taken over by somebody" });
    expect(within(question).getByRole<HTMLInputElement>("radio", { name: "no" }).checked).toBe(true);
    fireEvent.click(within(question).getByRole("radio", { name: "not stated" }));
    expect(valueAt(written, path)).toBeUndefined();
    fireEvent.click(within(question).getByRole("radio", { name: "yes" }));
    expect(valueAt(written, path)).toBe(true);
  });

  it("lets nobody write what only facts say, nor the facts' own sentences, and says where they are from", () => {
    render(<Screen />);
    expect(screen.queryByRole("radiogroup", { name: "A person viewed the entire file" })).toBeNull();
    expect(screen.getAllByText("record of views")).toHaveLength(2);
    expect(screen.queryByDisplayValue("a sentence of the facts")).toBeNull();
    expect(screen.getByDisplayValue("what a person wrote")).toBeTruthy();
    expect(screen.queryByRole("button", { name: "Add: File" })).toBeNull();
  });

  it("has fields one step away, and writes the groups above them with the first word", () => {
    render(<Screen />);
    fireEvent.click(screen.getByRole("button", { name: "2 more fields" }));
    fireEvent.click(screen.getByRole("button", { name: /^Law enforcement/ }));
    const agency = screen.getByLabelText("Agency");
    fireEvent.change(agency, { target: { value: "Example police" } });
    expect(valueAt(written, "report/lawEnforcement")).toEqual({ agencyName: "Example police" });
    fireEvent.change(agency, { target: { value: "" } });
    expect(valueAt(written, "report/lawEnforcement")).toBeUndefined();
  });

  it("adds one of a choice, and removes it", () => {
    render(<Screen />);
    fireEvent.change(screen.getByRole("combobox", { name: "Add: Where on the internet" }), { target: { value: "onlineGamingIncident" } });
    expect(valueAt(written, "report/internetDetails")).toEqual([{ onlineGamingIncident: {} }]);
    fireEvent.change(screen.getByLabelText("Game"), { target: { value: "a game" } });
    expect(valueAt(written, "report/internetDetails/0/onlineGamingIncident/gameName")).toBe("a game");
    fireEvent.click(screen.getByRole("button", { name: "Remove: Where on the internet: Online game" }));
    expect(valueAt(written, "report/internetDetails")).toBeUndefined();
  });

  it("says at the field what is wrong with it", () => {
    render(<Screen />);
    const described = screen.getByLabelText("When it happened").getAttribute("aria-describedby") ?? "";
    expect(screen.getByLabelText("When it happened").getAttribute("aria-invalid")).toBe("true");
    expect(document.getElementById(described)?.textContent).toContain("Give a time in the past.");
  });

  it("is for reading without a field to write in, and shows nothing that is not stated", () => {
    render(<Screen reading />);
    expect(screen.queryAllByRole("textbox")).toEqual([]);
    expect(screen.queryAllByRole("radio")).toEqual([]);
    expect(screen.getByText("account-1")).toBeTruthy();
    expect(screen.queryByText("Law enforcement")).toBeNull();
    expect(screen.queryByText("not stated")).toBeNull();
  });
});
