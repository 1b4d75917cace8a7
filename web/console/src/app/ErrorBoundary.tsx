// A page that broke: says what happened, what is safe and what to do; the rest of the console stays.
import { Button } from "@mantine/core";
import { Component, type ReactNode } from "react";
import { useTranslation } from "react-i18next";

function Broken({ message, onRetry }: { message: string; onRetry: () => void }) {
  const { t } = useTranslation("common");
  return (
    <div className="failure" role="alert">
      <p className="failure-head">{t("broken.what")}</p>
      <p>{t("broken.safe")}</p>
      <p className="dim mono">{message}</p>
      <Button variant="default" onClick={onRetry}>
        {t("action.retry")}
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
      <Broken message={error.message} onRetry={() => this.setState({ error: undefined })} />
    ) : (
      this.props.children
    );
  }
}
