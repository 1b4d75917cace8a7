// How far something is: a bar with the same in words beside it.
import { Progress } from "@mantine/core";
import { useFormats } from "@/ui";
import styles from "./parts.module.css";

export function Steps({ done, of, label }: { done: number; of: number; label: string }) {
  const formats = useFormats();
  const share = of === 0 ? 1 : Math.min(1, done / of);
  return (
    <span className={styles.progress}>
      <Progress.Root size={6}>
        <Progress.Section value={share * 100} aria-label={label} />
      </Progress.Root>
      <span className="dim nowrap">{formats.percent(Math.floor(share * 1000) / 1000)}</span>
    </span>
  );
}

/** Under way, and nobody can say how far. */
export function Busy({ label }: { label: string }) {
  return (
    <span className={styles.progress} role="status">
      <Progress value={100} animated size={6} aria-label={label} />
      <span className="dim">{label}</span>
    </span>
  );
}
