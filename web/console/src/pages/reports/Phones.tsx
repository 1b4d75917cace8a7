// Whom to call where a child is in danger now: from the operator's configuration.
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api";

export function Phones({ phones }: { phones: readonly Schemas["EmergencyPhone"][] }) {
  const { t } = useTranslation("reports");
  return phones.length === 0 ? (
    <p>{t("phones.none")}</p>
  ) : (
    <ul className="contacts">
      {phones.map((phone) => (
        <li key={phone.name + phone.number}>
          {phone.name}: <a href={`tel:${phone.number.replace(/[^\d+]/g, "")}`}>{phone.number}</a>
          {phone.hours !== undefined && <span className="dim"> {phone.hours}</span>}
        </li>
      ))}
    </ul>
  );
}
