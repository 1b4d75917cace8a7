// Why an item is in a case, and what it is, in one line each.
import { useTranslation } from "react-i18next";
import type { CaseItem } from "@/casework/words";
import { useFormats } from "@/ui";

export function useWhyText(): (item: CaseItem) => string {
  const { t } = useTranslation("case");
  return (item) => {
    if (item.list === "") {
      return t(`origin.${item.origin}`);
    }
    if (item.exact) {
      return t(item.trusted ? "why.exact_trusted" : "why.exact", { list: item.list });
    }
    return t("why.near", { list: item.list, distance: item.distance });
  };
}

export function useMediaText(): (item: CaseItem) => string {
  const { t } = useTranslation("case");
  const formats = useFormats();
  return (item) => {
    const parts = [item.media_type];
    if (item.width > 0) {
      parts.push(t("media.size", { width: item.width, height: item.height }));
    }
    if (item.frames > 1) {
      parts.push(t("media.frames", { count: item.frames }));
    }
    parts.push(formats.bytes(item.size_bytes));
    return parts.join(" \u00b7 ");
  };
}
