// Everything one can go to or do from here, by typing a part of its name.
import { Modal, TextInput } from "@mantine/core";
import { useId, useMemo, useState, type KeyboardEvent } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router-dom";
import { useMe } from "../api/session";
import { Keys } from "../shortcuts/Keys";
import { useShortcuts } from "../shortcuts/registry";
import { roomsOf } from "./rooms";

interface Entry {
  id: string;
  label: string;
  keys?: string;
  run: () => void;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

function fold(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}

function useEntries(typed: string, onHelp: () => void): Entry[] {
  const { t } = useTranslation("common");
  const me = useMe();
  const navigate = useNavigate();
  const shortcuts = useShortcuts();
  return useMemo(() => {
    const entries: Entry[] = [];
    const id = typed.trim();
    if (UUID.test(id) && me.permissions.includes("case_read")) {
      entries.push({ id: "case", label: t("palette.case", { id }), run: () => navigate(`/cases/${id.toLowerCase()}`) });
    }
    for (const room of roomsOf(me)) {
      entries.push({
        id: room.name,
        label: t("palette.go", { room: t(`room.${room.name}`) }),
        keys: room.keys,
        run: () => navigate(room.path),
      });
    }
    for (const each of shortcuts.filter(({ scope }) => scope === "page")) {
      entries.push({ id: each.id, label: each.label, keys: each.keys, run: () => each.run(new window.KeyboardEvent("keydown")) });
    }
    entries.push({ id: "help", label: t("help.title"), keys: "?", run: onHelp });
    const words = fold(typed).split(/\s+/).filter(Boolean);
    return entries.filter((entry) => entry.id === "case" || words.every((word) => fold(entry.label).includes(word)));
  }, [typed, me, shortcuts, navigate, onHelp, t]);
}

function Search({ onClose, onHelp }: { onClose: () => void; onHelp: () => void }) {
  const { t } = useTranslation("common");
  const list = useId();
  const [typed, type] = useState("");
  const [at, setAt] = useState(0);
  const entries = useEntries(typed, onHelp);
  const chosen = Math.min(at, entries.length - 1);
  const run = (entry: Entry | undefined) => {
    if (entry) {
      onClose();
      // After the dialog gave the focus back.
      window.setTimeout(entry.run);
    }
  };
  const onKey = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined && entries.length > 0) {
      event.preventDefault();
      const next = (chosen + step + entries.length) % entries.length;
      setAt(next);
      document.getElementById(`${list}-${next}`)?.scrollIntoView({ block: "nearest" });
    } else if (event.key === "Enter") {
      event.preventDefault();
      run(entries[chosen]);
    }
  };
  return (
    <>
      <TextInput
        aria-label={t("palette.title")}
        placeholder={t("palette.hint")}
        value={typed}
        onChange={(event) => {
          type(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={onKey}
        role="combobox"
        aria-expanded
        aria-controls={list}
        aria-activedescendant={entries.length > 0 ? `${list}-${chosen}` : undefined}
        autoComplete="off"
        data-autofocus
      />
      <ul className="palette-list" role="listbox" id={list} aria-label={t("palette.title")}>
        {entries.map((entry, which) => (
          // eslint-disable-next-line jsx-a11y/click-events-have-key-events -- the keys are the input's: it keeps the focus
          <li
            key={entry.id}
            id={`${list}-${which}`}
            className="palette-option"
            role="option"
            aria-selected={which === chosen}
            tabIndex={-1}
            onClick={() => run(entry)}
          >
            <span>{entry.label}</span>
            {entry.keys !== undefined && <Keys keys={entry.keys} />}
          </li>
        ))}
      </ul>
      <p className="dim" role="status">
        {entries.length === 0 ? t("palette.none") : t("palette.count", { count: entries.length })}
      </p>
    </>
  );
}

export default function Palette({ opened, onClose, onHelp }: { opened: boolean; onClose: () => void; onHelp: () => void }) {
  const { t } = useTranslation("common");
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={t("palette.title")}
      yOffset="12vh"
      centered={false}
      closeButtonProps={{ "aria-label": t("action.close") }}
    >
      <Search onClose={onClose} onHelp={onHelp} />
    </Modal>
  );
}
