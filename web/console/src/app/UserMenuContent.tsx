// What belongs to the person: language, theme, times, keys, the end of the session.
import { Button, Checkbox, Radio, useMantineColorScheme, type MantineColorScheme } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router-dom";
import { signOut, useMe } from "../api/session";
import { chooseLanguage, currentLanguage, languages } from "../i18n";
import { notify } from "../ui/toasts";
import { prefer, usePreferences } from "./preferences";

const schemes: readonly MantineColorScheme[] = ["auto", "light", "dark"];
const names = { en: "English", de: "Deutsch" } as const;

export default function UserMenuContent({ onHelp }: { onHelp: () => void }) {
  const { t } = useTranslation("common");
  const me = useMe();
  const navigate = useNavigate();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const { exactTimes, singleKeys } = usePreferences();
  const leave = (everywhere: boolean) => {
    signOut(everywhere).then(
      () => navigate("/"),
      () => notify({ kind: "bad", text: t("menu.not_signed_out"), stayMs: 0 }),
    );
  };
  return (
    <div className="menu">
      <p className="dim">{t("menu.role", { role: t(`role.${me.role}`) })}</p>
      <Radio.Group
        label={t("menu.language")}
        value={currentLanguage()}
        onChange={(chosen) => {
          const language = languages.find((each) => each === chosen);
          if (language) {
            chooseLanguage(language).catch(() => notify({ kind: "bad", text: t("error.console_unreachable") }));
          }
        }}
      >
        {languages.map((language) => (
          <Radio key={language} value={language} label={names[language]} lang={language} size="xs" />
        ))}
      </Radio.Group>
      <Radio.Group
        label={t("menu.theme")}
        value={colorScheme}
        onChange={(chosen) => setColorScheme(schemes.find((each) => each === chosen) ?? "auto")}
      >
        {schemes.map((scheme) => (
          <Radio key={scheme} value={scheme} label={t(`theme.${scheme}`)} size="xs" />
        ))}
      </Radio.Group>
      <Checkbox
        size="xs"
        checked={exactTimes}
        label={t("menu.exact_times")}
        onChange={() => prefer({ exactTimes: !exactTimes })}
      />
      <Checkbox
        size="xs"
        checked={singleKeys}
        label={t("menu.single_keys")}
        onChange={() => prefer({ singleKeys: !singleKeys })}
      />
      <Button variant="default" onClick={onHelp}>
        {t("help.title")}
      </Button>
      <Button variant="default" onClick={() => leave(false)}>
        {t("menu.sign_out")}
      </Button>
      <Button variant="default" onClick={() => leave(true)}>
        {t("menu.sign_out_everywhere")}
      </Button>
    </div>
  );
}
