// A page that broke: says what happened, what is safe and what to do; the rest of the console stays.
import { Button } from "@mantine/core";
import { Component, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { NotLoaded } from "../i18n";

function Broken({ error, onRetry }: { error: Error; onRetry: () => void }) {
  const { t } = useTranslation("common");
  const away = error instanceof NotLoaded; // React asks for a module once: only a new page asks again
  return (
    <div className="failure" role="alert">
      <p className="failure-head">{away ? t("broken.not_loaded") : t("broken.what")}</p>
      <p>{t("broken.safe")}</p>
      <p className="dim mono">{error.message}</p>
      <Button variant="default" onClick={away ? () => window.location.reload() : onRetry}>
        {away ? t("broken.load") : t("action.retry")}
      </Button>
    </div>
  );
}

interface BoundaryState {
  error?: Error;
}

export class ErrorBoundary extends Component<{ children: ReactNode }, BoundaryState> {
  override state: BoundaryState = {};

  static getDerivedStateFromError(error: Error): BoundaryState {
    return { error };
  }

  override render() {
    const { error } = this.state;
    return error ? (
      <Broken error={error} onRetry={() => this.setState({ error: undefined })} />
    ) : (
      this.props.children
    );
  }
}
