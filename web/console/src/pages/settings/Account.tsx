// What belongs to the person who is signed in.
import { Checkbox, Select, useMantineColorScheme } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useMe } from "@/api";
import { signOut } from "@/api/session";
import { prefer, usePreferences, viewStays } from "@/app/preferences";
import { chooseLanguage, currentLanguage, languages } from "@/i18n";
import { ConfirmButton, Failure, Section, notify } from "@/ui";
import { Facts, Mono, Note, Row, Stack } from "../parts";
import { Email } from "./Email";
import { Password } from "./Password";
import { RecoveryCodes } from "./RecoveryCodes";
import { Version } from "./Version";

const names = { en: "English", de: "Deutsch" } as const;
const schemes = ["auto", "light", "dark"] as const;

function Looks() {
  const { t } = useTranslation(["settings", "common"]);
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const { exactTimes, singleKeys, viewSeconds } = usePreferences();
  return (
    <Section title={t("looks.title")}>
      <Stack>
        <Row>
          <Select
            label={t("common:menu.language")}
            w={180}
            data={languages.map((each) => ({ value: each, label: names[each] }))}
            value={currentLanguage()}
            onChange={(value) => {
              chooseLanguage(languages.find((each) => each === value) ?? "en").catch(() =>
                notify({ kind: "bad", text: t("common:error.console_unreachable") }),
              );
            }}
          />
          <Select
            label={t("common:menu.theme")}
            w={180}
            data={schemes.map((each) => ({ value: each, label: t(`common:theme.${each}`) }))}
            value={colorScheme}
            onChange={(value) => setColorScheme(schemes.find((each) => each === value) ?? "auto")}
          />
        </Row>
        <Checkbox
          label={t("common:menu.exact_times")}
          description={t("looks.exact")}
          checked={exactTimes}
          onChange={(event) => prefer({ exactTimes: event.currentTarget.checked })}
        />
        <Checkbox
          label={t("common:menu.single_keys")}
          description={t("looks.keys")}
          checked={singleKeys}
          onChange={(event) => prefer({ singleKeys: event.currentTarget.checked })}
        />
        <Select
          label={t("looks.view")}
          description={t("looks.view_about")}
          w={280}
          data={viewStays.map((each) => ({ value: String(each), label: t("looks.seconds", { count: each }) }))}
          value={String(viewSeconds)}
          onChange={(value) => prefer({ viewSeconds: Number(value ?? 20) })}
        />
        <Note>{t("looks.here")}</Note>
      </Stack>
    </Section>
  );
}

function Sessions() {
  const { t } = useTranslation(["settings", "common"]);
  const leave = useMutation({ mutationFn: (everywhere: boolean) => signOut(everywhere) });
  return (
    <Section title={t("sessions.title")}>
      <Stack>
        <p>{t("sessions.about")}</p>
        {leave.error && <Failure error={leave.error} />}
        <Row>
          <ConfirmButton
            label={t("common:menu.sign_out_everywhere")}
            title={t("sessions.sure")}
            consequence={t("sessions.consequence")}
            busy={leave.isPending}
            onConfirm={() => leave.mutate(true)}
          />
        </Row>
      </Stack>
    </Section>
  );
}

export function Account() {
  const { t } = useTranslation(["settings", "common"]);
  const me = useMe();
  return (
    <div className="columns">
      <Stack>
        <Section title={t("account.title")}>
          <Facts
            rows={[
              [t("account.name"), me.name],
              [t("account.role"), t(`common:role.${me.role}`)],
              [t("account.id"), <Mono key="id">{me.principal}</Mono>],
            ]}
          />
        </Section>
        <Looks />
        <Version />
      </Stack>
      <Stack>
        <Email />
        <Password />
        <RecoveryCodes />
        <Sessions />
      </Stack>
    </div>
  );
}
