// Everything around the pages: theme, queries, routes, and the gate that asks who one is.
import { MantineProvider, localStorageColorSchemeManager } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { BrowserRouter } from "react-router-dom";
import { asApiError } from "../api/problem";
import { cssVariables, theme } from "../theme/theme";
import { StepUp } from "../ui/StepUp";
import { Toasts } from "../ui/toasts";
import { ErrorBoundary } from "./ErrorBoundary";
import { Gate } from "./Gate";

const colours = localStorageColorSchemeManager({ key: "tutela.theme" });

const RETRIES = 2;

export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      // What the server refused stays refused; what it could not answer is tried again.
      retry: (count, thrown) => {
        const error = asApiError(thrown);
        return count < RETRIES && (error.status === 0 || error.status >= 500);
      },
      staleTime: 5000,
      refetchOnWindowFocus: true,
      networkMode: "always",
    },
    mutations: { networkMode: "always" },
  },
});

export function App({ nonce }: { nonce: string }) {
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariables}
      colorSchemeManager={colours}
      defaultColorScheme="auto"
      {...(nonce === "" ? {} : { getStyleNonce: () => nonce })}
    >
      <ErrorBoundary>
        <QueryClientProvider client={queries}>
          <BrowserRouter>
            <Gate />
            <StepUp />
            <Toasts />
          </BrowserRouter>
        </QueryClientProvider>
      </ErrorBoundary>
    </MantineProvider>
  );
}
