// What was fetched, for as long as one person is signed in.
import { QueryClient } from "@tanstack/react-query";
import { asApiError } from "../api/problem";
import { onOtherPerson } from "../api/session";

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

onOtherPerson(() => queries.clear());
