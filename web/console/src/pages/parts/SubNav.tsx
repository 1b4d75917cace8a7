// The parts of a room, as links: each has an address of its own.
import { NavLink } from "react-router-dom";
import styles from "./parts.module.css";

export interface SubRoom {
  to: string;
  label: string;
  end?: boolean; // only the address itself, not what lies below
}

export function SubNav({ label, rooms }: { label: string; rooms: readonly SubRoom[] }) {
  return rooms.length < 2 ? null : (
    <nav aria-label={label}>
      <ul className={styles.nav}>
        {rooms.map((room) => (
          <li key={room.to}>
            <NavLink to={room.to} end={room.end ?? false}>
              {room.label}
            </NavLink>
          </li>
        ))}
      </ul>
    </nav>
  );
}
