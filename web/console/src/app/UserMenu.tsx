// The person's own menu; what it drops is fetched when it is first opened.
import { Button } from "@mantine/core";
import { Suspense } from "react";
import { useTranslation } from "react-i18next";
import { useMe } from "../api/session";
import { withTexts } from "../i18n";
import { Drop } from "../ui/Drop";
import { ErrorBoundary } from "./ErrorBoundary";

const Content = withTexts([], () => import("./UserMenuContent"));

export function UserMenu({ onHelp, onPalette }: { onHelp: () => void; onPalette: () => void }) {
  const { t } = useTranslation("common");
  const me = useMe();
  return (
    <>
      <Button variant="default" onClick={onPalette}>
        {t("palette.short")}
      </Button>
      <Drop label={me.name ?? me.principal} about={t("menu.label")}>
        {(close) => (
          <ErrorBoundary>
            <Suspense fallback={<p className="dim">{t("loading")}</p>}>
              <Content
                onHelp={() => {
                  close();
                  onHelp();
                }}
              />
            </Suspense>
          </ErrorBoundary>
        )}
      </Drop>
    </>
  );
}
