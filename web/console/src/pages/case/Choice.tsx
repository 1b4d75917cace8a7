// Toggles with their keys on them: one press each, with the mouse, a finger or the keyboard.
import { Keys, Tip, useShortcut } from "@/ui";
import type { ReactNode } from "react";
import styles from "./case.module.css";

interface ChoiceProps {
  keys: string;
  label: string; // said and in the help
  children: ReactNode;
  pressed: boolean;
  disabled?: boolean;
  about?: string;
  onPress: () => void;
}

export function Choice({ keys, label, children, pressed, disabled = false, about, onPress }: ChoiceProps) {
  useShortcut(keys, label, onPress, { enabled: !disabled });
  const button = (
    <button
      type="button"
      className={styles.choice}
      aria-pressed={pressed}
      disabled={disabled}
      onClick={onPress}
    >
      <Keys keys={keys} /> {children}
      {about !== undefined && <span className="sr-only"> {about}</span>}
    </button>
  );
  return about === undefined ? button : <Tip label={about}>{button}</Tip>;
}

export function Choices({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className={styles.choices} role="group" aria-label={label}>
      {children}
    </div>
  );
}
