// Moments as an <input type="datetime-local"> says them, which is in the time of this machine.

export function momentOf(local: string): string | undefined {
  const at = local === "" ? undefined : new Date(local);
  return at === undefined || Number.isNaN(at.getTime()) ? undefined : at.toISOString();
}

/** The other way, to the minute; "" where there is none. */
export function localOf(moment: string | undefined): string {
  const at = moment === undefined ? undefined : new Date(moment);
  return at === undefined || Number.isNaN(at.getTime()) ? "" : new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
