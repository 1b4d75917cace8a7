// Keys as they are printed on a keyboard.
import { useTranslation } from "react-i18next";

const isMac = /Mac|iPhone|iPad/.test(navigator.userAgent);

function capOf(part: string, names: Record<string, string>): string {
  return names[part] ?? (part.length === 1 ? part.toUpperCase() : part);
}

export function Keys({ keys }: { keys: string }) {
  const { t } = useTranslation("common");
  const names: Record<string, string> = {
    mod: isMac ? "\u2318" : t("keys.ctrl"),
    alt: t("keys.alt"),
    shift: t("keys.shift"),
    Enter: t("keys.enter"),
    Escape: t("keys.escape"),
    Space: t("keys.space"),
    ArrowUp: "\u2191",
    ArrowDown: "\u2193",
    ArrowLeft: "\u2190",
    ArrowRight: "\u2192",
  };
  return (
    <span className="keys">
      {keys.split(" ").map((chord, at) => (
        <span key={chord + String(at)}>
          {at > 0 && <span className="keys-then"> {t("keys.then")} </span>}
          {chord.split("+").map((part) => (
            <kbd key={part}>{capOf(part, names)}</kbd>
          ))}
        </span>
      ))}
    </span>
  );
}
