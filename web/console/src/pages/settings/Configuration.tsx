// The configuration that runs, to be read: what it is, what it does, and whether a change waits for a
// restart. Secrets say only that they are set.
import { TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, type Schemas } from "@/api";
import { Empty, Fetched, Section, Status } from "@/ui";
import { Note } from "../parts";
import styles from "./settings.module.css";
import { groupsOf, variableOf, type Setting } from "./sections";

function Line({ setting }: { setting: Setting }) {
  const { t } = useTranslation("settings");
  return (
    <tr>
      <th scope="row" className="mono" title={variableOf(setting.key)}>
        {setting.key}
      </th>
      <td className={`mono ${styles.value ?? ""}`}>
        {setting.value === "" ? <span className="dim">{t("configuration.unset")}</span> : setting.value}
      </td>
      <td className={styles.help}>{setting.help}</td>
      <td className="nowrap">
        {setting.reloadable ? (
          <Status kind="ok">{t("configuration.reload")}</Status>
        ) : (
          <Status kind="off">{t("configuration.restart")}</Status>
        )}
      </td>
    </tr>
  );
}

export function Configuration() {
  const { t } = useTranslation("settings");
  const [words, setWords] = useState("");
  const query = useQuery<Schemas["SettingList"]>({
    queryKey: ["settings"],
    queryFn: ({ signal }) => ask(api.GET("/v1/settings", { signal })),
  });
  return (
    <Fetched query={query}>
      {({ items }) => {
        const groups = groupsOf(items, words);
        return (
          <>
            <TextInput
              label={t("configuration.find")}
              placeholder="webhook"
              maw={320}
              value={words}
              onChange={(event) => setWords(event.currentTarget.value)}
            />
            <Note>{t("configuration.how")}</Note>
            {groups.length === 0 && <Empty title={t("configuration.none.title")}>{t("configuration.none.text")}</Empty>}
            {groups.map((group) => (
              <Section key={group.name} title={`[${group.name}]`}>
                <div className={styles.box}>
                  <table className={styles.settings}>
                    <caption className="sr-only">{group.name}</caption>
                    <colgroup>
                      <col className={styles.key} />
                      <col className={styles.worth} />
                      <col />
                      <col className={styles.change} />
                    </colgroup>
                    <thead className="sr-only">
                      <tr>
                        <th scope="col">{t("configuration.key")}</th>
                        <th scope="col">{t("configuration.value")}</th>
                        <th scope="col">{t("configuration.help")}</th>
                        <th scope="col">{t("configuration.change")}</th>
                      </tr>
                    </thead>
                    <tbody>
                      {group.settings.map((setting) => (
                        <Line key={setting.key} setting={setting} />
                      ))}
                    </tbody>
                  </table>
                </div>
              </Section>
            ))}
          </>
        );
      }}
    </Fetched>
  );
}
