// A dialog whose code is fetched when it is first opened. Until it is there, what is typed goes
// nowhere, as behind any dialog; if it does not come, that is said.
import { Component, Suspense, useEffect, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { notify } from "./toasts";

interface LaterProps {
  opened: boolean;
  onFailed: () => void;
  children: (opened: boolean) => ReactNode;
}

class Guard extends Component<{ onFailed: () => void; children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  override componentDidCatch() {
    this.props.onFailed();
  }

  override render() {
    return this.state.failed ? null : this.props.children;
  }
}

function Arrived({ tell }: { tell: (there: boolean) => void }) {
  useEffect(() => {
    tell(true);
    return () => tell(false);
  }, [tell]);
  return null;
}

export function Later({ opened, onFailed, children }: LaterProps) {
  const { t } = useTranslation("common");
  const [asked, ask] = useState(opened);
  const [there, setThere] = useState(false);
  if (opened && !asked) {
    ask(true);
  }
  const failed = () => {
    ask(false);
    notify({ kind: "bad", text: t("broken.not_loaded"), stayMs: 0, action: { label: t("broken.load"), run: () => window.location.reload() } });
    onFailed();
  };
  // It is opened one step after it came, so that it knows where the focus was.
  return asked ? (
    <Guard onFailed={failed}>
      <Suspense fallback={<div className="sr-only" role="dialog" aria-modal="true" aria-label={t("loading")} />}>
        {children(opened && there)}
        <Arrived tell={setThere} />
      </Suspense>
    </Guard>
  ) : null;
}
