// The configuration by its sections: "server.listen" is of the section "server".
import type { Schemas } from "@/api";

export type Setting = Schemas["Setting"];

export interface Group {
  name: string;
  settings: Setting[];
}

/** In the server's order, only what has the words somewhere in key, value or help. */
export function groupsOf(settings: readonly Setting[], words: string): Group[] {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  const groups: Group[] = [];
  for (const setting of settings) {
    const text = `${setting.key} ${setting.value} ${setting.help}`.toLowerCase();
    if (!wanted.every((word) => text.includes(word))) {
      continue;
    }
    const name = setting.key.split(".")[0] ?? "";
    const group = groups.find((each) => each.name === name);
    if (group) {
      group.settings.push(setting);
    } else {
      groups.push({ name, settings: [setting] });
    }
  }
  return groups;
}

/** TUTELA_SERVER__LISTEN of server.listen. */
export function variableOf(key: string): string {
  return `TUTELA_${key.replaceAll(".", "__").toUpperCase()}`;
}
