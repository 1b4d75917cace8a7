// The shortcuts that are live now, on this page.
import { Modal } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Keys } from "../shortcuts/Keys";
import { useShortcuts } from "../shortcuts/registry";

export default function Help({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useTranslation("common");
  const shortcuts = useShortcuts();
  const parts = [
    { scope: "page", title: t("help.page") },
    { scope: "everywhere", title: t("help.everywhere") },
  ] as const;
  return (
    <Modal opened={opened} onClose={onClose} title={t("help.title")} size="lg" closeButtonProps={{ "aria-label": t("action.close") }}>
      <div className="columns">
        {parts.map(({ scope, title }) => {
          const own = shortcuts.filter((each) => each.scope === scope);
          return own.length === 0 ? null : (
            <section key={scope} aria-label={title}>
              <h3>{title}</h3>
              <dl className="facts">
                {own.map((each) => (
                  <div key={each.id} className="facts-row">
                    <dt>
                      <Keys keys={each.keys} />
                    </dt>
                    <dd>{each.label}</dd>
                  </div>
                ))}
              </dl>
            </section>
          );
        })}
      </div>
    </Modal>
  );
}
