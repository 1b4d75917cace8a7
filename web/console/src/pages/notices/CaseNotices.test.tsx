import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { fireEvent, render, screen, waitFor } from "@testing-library/react";
import { MemoryRouter } from "react-router-dom";
import { beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { loadTexts, startLanguages } from "../../i18n";
import CaseNotices from "./CaseNotices";

interface Asked {
  params: { path: { id: string }; query: { limit: number; after: string | undefined } };
}

const get = vi.hoisted(() => vi.fn());
vi.mock("@/api", async (original) => ({ ...(await original<typeof import("@/api")>()), api: { GET: get }, ask: (call: unknown) => call }));

const WAIT = { timeout: 60_000 };
const ALL = Array.from({ length: 45 }, (_, i) => ({
  id: `0197aaaa-0000-7000-8000-0000000000${i + 10}`,
  number: `T-${i + 10}`,
  kind: "content",
  sender: "anyone",
  state: "answered",
  imminent: false,
  received_at: "2026-11-22T10:00:00Z",
  due_at: "2026-11-22T16:00:00Z",
}));

beforeAll(async () => {
  localStorage.setItem("tutela.language", "en");
  await startLanguages();
  await loadTexts(["notices"]);
});
beforeEach(() => {
  get.mockReset();
  get.mockImplementation((_path: string, { params: { query } }: Asked) => {
    const from = Number(query.after ?? 0);
    const to = from + query.limit;
    return Promise.resolve({ items: ALL.slice(from, to), next: to < ALL.length ? String(to) : undefined });
  });
});

describe("what people told us about a case", () => {
  it("is there page after page, until nothing is left", async () => {
    render(
      <MantineProvider>
        <QueryClientProvider client={new QueryClient()}>
          <MemoryRouter>
            <CaseNotices id="0197aaaa-0000-7000-8000-000000000001" />
          </MemoryRouter>
        </QueryClientProvider>
      </MantineProvider>,
    );
    const shown = async (last: string) => {
      await screen.findByText(last, {}, WAIT);
      return screen.getAllByText(/^T-\d+$/).length;
    };
    expect(await shown("T-10")).toBe(20);
    fireEvent.click(screen.getByText("Show earlier ones"));
    expect(await shown("T-49")).toBe(40);
    fireEvent.click(screen.getByText("Show earlier ones"));
    expect(await shown("T-54")).toBe(45);
    await waitFor(() => expect(screen.queryByText("Show earlier ones")).toBeNull(), WAIT);
  }, 120_000);
});
