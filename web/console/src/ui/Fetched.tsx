// The three faces of a query: on its way, failed, there. Data that was there stays while it is
// fetched again; a failure is said above it.
import { Loader } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Failure } from "./Failure";

interface FetchedProps<T> {
  query: Pick<UseQueryResult<T, unknown>, "data" | "error" | "isError"> & { refetch: () => unknown };
  children: (data: T) => ReactNode;
}

export function Fetched<T>({ query, children }: FetchedProps<T>) {
  const { t } = useTranslation("common");
  const failed = query.isError && (
    <Failure
      error={query.error}
      of="reading"
      onRetry={() => {
        void query.refetch();
      }}
    />
  );
  if (query.data === undefined) {
    return failed || <Loader size="sm" type="dots" aria-label={t("loading")} role="status" />;
  }
  return (
    <>
      {failed}
      {children(query.data)}
    </>
  );
}
