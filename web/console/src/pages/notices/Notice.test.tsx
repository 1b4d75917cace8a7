import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { fireEvent, render, screen, waitFor, within } from "@testing-library/react";
import type { ReactNode } from "react";
import { MemoryRouter } from "react-router-dom";
import { beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { loadTexts, startLanguages } from "../../i18n";
import { Answer } from "./Answer";
import { Identity } from "./Identity";
import { Told } from "./Told";
import { sentencesOf } from "./sentences";
import { useEventText, type NoticeWhole } from "./words";

const post = vi.hoisted(() => vi.fn());
vi.mock("@/api", async (original) => ({ ...(await original<typeof import("@/api")>()), api: { POST: post }, ask: (call: unknown) => call, useSession: () => ({ phase: "in" }) }));

const notice: NoticeWhole = {
  id: "0197aaaa-0000-7000-8000-000000000001",
  version: 3,
  number: "T-7K4M-29QX-HDAB",
  channel: "page",
  kind: "content",
  sender: "victim",
  queue: "victim",
  state: "open",
  imminent: false,
  language: "de",
  proved: true,
  has_contact: true,
  received_at: "2026-11-22T10:00:00Z",
  due_at: "2026-11-22T16:00:00Z",
  overdue: false,
  verified: "none",
  body: { text: "", links: [], accounts: [], messages: [] },
  files: [],
  messages: [],
  events: [],
  same_subject: 0,
  outcomes: ["acted", "gone", "handled"],
};

function show(children: ReactNode) {
  return render(
    <MantineProvider>
      <QueryClientProvider client={new QueryClient()}>
        <MemoryRouter>{children}</MemoryRouter>
      </QueryClientProvider>
    </MantineProvider>,
  );
}

beforeAll(async () => {
  localStorage.setItem("tutela.language", "en");
  await startLanguages();
  await loadTexts(["notices"]);
});
beforeEach(() => {
  post.mockReset();
  post.mockResolvedValue({ ...notice, version: 4 });
});

describe("the history", () => {
  function Sorted({ detail }: { detail: Record<string, unknown> }) {
    return <p>{useEventText()({ number: 1, kind: "sorted", detail: detail as Record<string, never>, at: "2026-11-22T10:00:00Z", by: "system" })}</p>;
  }

  it("tells a notice of a case from one that has none", () => {
    show(
      <>
        <Sorted detail={{ case: "0197aaaa-0000-7000-8000-000000000002" }} />
        <Sorted detail={{}} />
      </>,
    );
    screen.getByText("put to its case");
    screen.getByText("looked at: it needs no case");
  });
});

describe("what a stranger sent", { timeout: 30_000 }, () => {
  const link = "https://pictures.example.org/<img src=x onerror=alert(1)>";

  it("is text: no picture, no frame, no link, whatever it looks like", () => {
    const script = '<script>alert(1)</script><img src="https://evil.example/x"><a href="javascript:alert(1)">x</a>';
    show(<Told body={{ text: script, links: [link, "javascript:alert(1)"], accounts: [script], messages: [{ who: script, when: script, text: script }] }} language="en" />);
    expect(document.querySelectorAll("img,iframe,script,object,embed,video,audio,a,link")).toHaveLength(0);
    expect(screen.getAllByText(script)).toHaveLength(5);
    expect(screen.getAllByRole("button")).toHaveLength(1); // of the one that is an address of the web
  });

  it("leads outside only after a warning that names where, and tells that place nothing", async () => {
    show(<Told body={{ text: "", links: [link], accounts: [], messages: [] }} language="en" />);
    fireEvent.click(screen.getByRole("button", { name: "Open outside: pictures.example.org" }));
    const dialog = await screen.findByRole("dialog", { name: "This leaves Tutela" });
    expect(within(dialog).getByText("pictures.example.org")).toBeTruthy();
    const way = within(dialog).getByRole("link", { name: "Open it all the same" });
    expect(way.getAttribute("rel")).toContain("noreferrer");
    expect(way.getAttribute("rel")).toContain("noopener");
    expect(way.getAttribute("referrerpolicy")).toBe("no-referrer");
    expect(way.getAttribute("target")).toBe("_blank");
  });

  it("says who said what when, and that somebody is not named where nobody is", () => {
    show(<Told body={{ text: "", links: [], accounts: [], messages: [{ who: "old-friend", when: "Monday", text: "hello" }, { text: "no" }] }} language="en" />);
    const talk = screen.getByRole("list", { name: "Messages" });
    expect(within(talk).getAllByRole("listitem").map((each) => each.textContent)).toEqual(["old-friend Mondayhello", "not said who no"]);
  });
});

describe("an answer", { timeout: 30_000 }, () => {
  it("is shown as its sender will read it, in their language, before it is sent; and only that is sent", async () => {
    const close = vi.fn();
    show(<Answer of={notice} onClose={close} />);
    const send = () => screen.getByRole<HTMLButtonElement>("button", { name: /^Send the answer/ });
    expect(send().disabled).toBe(true);
    expect(screen.getAllByRole("radio")).toHaveLength(3);
    fireEvent.click(screen.getByRole("radio", { name: "We acted on it" }));
    fireEvent.change(screen.getByRole("textbox"), { target: { value: "Danke f\u00fcr Ihren Mut. " } });
    const reads = screen.getByRole("group", { name: "What the sender reads" });
    const [german] = sentencesOf("acted", "de").texts;
    const said = within(reads).getByText(german ?? "");
    expect(said.lang).toBe("de");
    expect(within(reads).getByText("Danke f\u00fcr Ihren Mut.").lang).toBe("de");
    expect(post).not.toHaveBeenCalled();
    fireEvent.click(send());
    await waitFor(() => expect(close).toHaveBeenCalled());
    expect(post.mock.calls).toEqual([
      ["/v1/notices/{id}/answer", { params: { path: { id: notice.id } }, body: { version: 3, outcome: "acted", words: "Danke f\u00fcr Ihren Mut." } }],
    ]);
  });

  it("to an authority that nobody verified cannot say that it is done", () => {
    show(<Answer of={{ ...notice, kind: "law_request", verified: "unverified", outcomes: ["done", "declined"] }} onClose={() => undefined} />);
    expect(screen.getByRole<HTMLInputElement>("radio", { name: /^Done/ }).disabled).toBe(true);
    expect(screen.getByRole<HTMLInputElement>("radio", { name: /^Declined/ }).disabled).toBe(false);
    expect(screen.getByText("Only once the request is verified.")).toBeTruthy();
  });
});

describe("who sent it", { timeout: 30_000 }, () => {
  it("is opened for a purpose and a reason, shown, and kept nowhere", async () => {
    post.mockResolvedValue({ email: "somebody@example.org" });
    const { unmount } = show(<Identity of={notice} onClose={() => undefined} />);
    const open = screen.getByRole<HTMLButtonElement>("button", { name: "Open" });
    expect(open.disabled).toBe(true);
    fireEvent.change(screen.getByRole("combobox"), { target: { value: "safety" } });
    expect(open.disabled).toBe(true);
    fireEvent.change(screen.getByRole("textbox"), { target: { value: "they may be in danger" } });
    fireEvent.click(open);
    expect(await screen.findByText("somebody@example.org")).toBeTruthy();
    expect(post.mock.calls).toEqual([["/v1/notices/{id}/identity", { params: { path: { id: notice.id } }, body: { purpose: "safety", reason: "they may be in danger" } }]]);
    unmount();
    expect(document.body.textContent).not.toContain("somebody@example.org");
    expect(JSON.stringify([Object.entries(localStorage), Object.entries(sessionStorage)])).not.toContain("somebody");
  });
});
