// Everything around the pages: theme, queries, routes, and the gate that asks who one is.
import { MantineProvider, localStorageColorSchemeManager } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { BrowserRouter } from "react-router-dom";
import { cssVariables, theme } from "../theme/theme";
import { StepUp } from "../ui/StepUp";
import { Toasts } from "../ui/toasts";
import { ErrorBoundary } from "./ErrorBoundary";
import { Gate } from "./Gate";
import { queries } from "./queries";

const colours = localStorageColorSchemeManager({ key: "tutela.theme" });

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
          <BrowserRouter future={{ v7_startTransition: true, v7_relativeSplatPath: true }}>
            <Gate />
            <StepUp />
            <Toasts />
          </BrowserRouter>
        </QueryClientProvider>
      </ErrorBoundary>
    </MantineProvider>
  );
}
