// What belongs to the person: language, theme, times, keys, the end of the session.
import { Button, Menu, useMantineColorScheme, type MantineColorScheme } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router-dom";
import { signOut, useMe } from "../api/session";
import { chooseLanguage, currentLanguage, languages } from "../i18n";
import { notify } from "../ui/toasts";
import { prefer, usePreferences } from "./preferences";

const schemes: readonly MantineColorScheme[] = ["auto", "light", "dark"];
const names = { en: "English", de: "Deutsch" } as const;

interface ChoiceProps {
  checked: boolean;
  label: string;
  role: "menuitemradio" | "menuitemcheckbox";
  onChoose: () => void;
  lang?: string;
}

function Choice({ checked, label, role, onChoose, lang }: ChoiceProps) {
  return (
    <Menu.Item
      role={role}
      aria-checked={checked}
      lang={lang}
      closeMenuOnClick={false}
      onClick={onChoose}
      leftSection={<span aria-hidden="true">{checked ? "\u2713" : "\u2003"}</span>}
    >
      {label}
    </Menu.Item>
  );
}

export function UserMenu({ onHelp, onPalette }: { onHelp: () => void; onPalette: () => void }) {
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
    <>
      <Button variant="default" onClick={onPalette}>
        {t("palette.short")}
      </Button>
      <Menu position="bottom-end" width={240}>
        <Menu.Target>
          <Button variant="default">{me.name ?? me.principal}</Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>{t("menu.role", { role: t(`role.${me.role}`) })}</Menu.Label>
          <Menu.Label>{t("menu.language")}</Menu.Label>
          {languages.map((language) => (
            <Choice
              key={language}
              role="menuitemradio"
              lang={language}
              checked={currentLanguage() === language}
              label={names[language]}
              onChoose={() => void chooseLanguage(language)}
            />
          ))}
          <Menu.Label>{t("menu.theme")}</Menu.Label>
          {schemes.map((scheme) => (
            <Choice
              key={scheme}
              role="menuitemradio"
              checked={colorScheme === scheme}
              label={t(`theme.${scheme}`)}
              onChoose={() => setColorScheme(scheme)}
            />
          ))}
          <Menu.Divider />
          <Choice
            role="menuitemcheckbox"
            checked={exactTimes}
            label={t("menu.exact_times")}
            onChoose={() => prefer({ exactTimes: !exactTimes })}
          />
          <Choice
            role="menuitemcheckbox"
            checked={singleKeys}
            label={t("menu.single_keys")}
            onChoose={() => prefer({ singleKeys: !singleKeys })}
          />
          <Menu.Item onClick={onHelp}>{t("help.title")}</Menu.Item>
          <Menu.Divider />
          <Menu.Item onClick={() => leave(false)}>{t("menu.sign_out")}</Menu.Item>
          <Menu.Item onClick={() => leave(true)}>{t("menu.sign_out_everywhere")}</Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </>
  );
}
