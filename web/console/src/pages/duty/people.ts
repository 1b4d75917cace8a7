// Who can have a duty, a shift or an absence: everybody who may answer notices and whom one may know of.
import { useMe, type Schemas } from "@/api";
import { idOf, usePeople } from "../parts";

const answering: ReadonlySet<string> = new Set(["reviewer", "lead", "legal", "solo"]);

export interface Candidate {
  id: string; // "person:..."
  name: string;
}

/** By name; those of `known` are there though one may not ask for them. Pure. */
export function candidatesOf(known: readonly { person: string; name: string | undefined }[], people: readonly { id: string; name: string; role: string }[], language: string): Candidate[] {
  const names = new Map<string, string>();
  for (const { person, name } of known) {
    names.set(idOf(person), name ?? `\u2026${person.slice(-8)}`);
  }
  for (const { id, name, role } of people) {
    if (answering.has(role)) {
      names.set(id, name);
    }
  }
  return [...names].map(([id, name]) => ({ id: `person:${id}`, name })).sort((one, other) => one.name.localeCompare(other.name, language));
}

export function useCandidates(duty: Schemas["DutyWhole"], language: string): Candidate[] {
  const me = useMe();
  const people = usePeople();
  const spans = [...duty.shifts, ...duty.absences].map(({ person, person_name: name }) => ({ person, name }));
  const named = duty.duties.flatMap((each) => [
    ...(each.person === undefined ? [] : [{ person: each.person, name: each.person_name }]),
    ...(each.deputy === undefined ? [] : [{ person: each.deputy, name: each.deputy_name }]),
  ]);
  const own = { id: idOf(me.principal), name: me.name ?? "", role: me.role };
  return candidatesOf([...spans, ...named], [...people, own], language);
}
