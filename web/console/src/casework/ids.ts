/** Enough of an id to tell things apart on one screen: the end, which is random. */
export function shortId(id: string): string {
  return id.slice(-8);
}
