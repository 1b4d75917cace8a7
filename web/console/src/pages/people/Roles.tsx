// What each role may do, in sentences. The server's one table of roles: src/service/auth/permission.cpp.
import { useTranslation } from "react-i18next";
import { useMe } from "@/api";
import { Section } from "@/ui";
import { Note, Stack } from "../parts";

export const roles = ["reviewer", "contractor", "lead", "legal", "auditor", "operator", "admin", "solo"] as const;
export type Role = (typeof roles)[number];

export function Roles() {
  const { t } = useTranslation(["people", "common"]);
  const me = useMe();
  return (
    <>
      <div className="columns">
        {roles.map((role) => (
          <Section key={role} title={me.role === role ? t("roles.own", { role: t(`common:role.${role}`) }) : t(`common:role.${role}`)}>
            <Stack>
              <p>{t(`may.${role}`)}</p>
              <Note>{t(`not.${role}`)}</Note>
            </Stack>
          </Section>
        ))}
      </div>
      <Note>{t("roles.two")}</Note>
    </>
  );
}
