// The document of a report as a form: what GET /v1/reports/form says of every element, and how a
// document is changed by path ("report/victim/0/victimPerson/age"). Absent is not false, and an
// element that says nothing any more is gone with what held nothing else. Pure.

export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };
export type JsonObject = { readonly [name: string]: Json };

export interface FieldSpec {
  name: string; // "@type" an attribute, "#text" the text beside attributes
  kind: string;
  min: number;
  max: number; // more than one: an array
  help: string;
  group?: string;
  length_max?: number;
  least?: number;
  most?: number;
  words?: string;
}

export interface GroupSpec {
  choice: boolean; // exactly one of the fields
  fields: readonly FieldSpec[];
}

export interface FormSpec {
  root: string;
  groups: Readonly<Record<string, GroupSpec>>;
  words: Readonly<Record<string, readonly string[]>>;
}

export interface Step {
  field: FieldSpec;
  of: string; // the group that holds the field
  at?: number; // which one, of several
}

const NOTHING: GroupSpec = { choice: false, fields: [] };

export function groupOf(spec: FormSpec, name: string | undefined): GroupSpec {
  return (name === undefined ? undefined : spec.groups[name]) ?? NOTHING;
}

export function isGroup(field: FieldSpec): boolean {
  return field.group !== undefined;
}

export function isMany(field: FieldSpec): boolean {
  return field.max > 1;
}

export function pathTo(path: string, part: string | number): string {
  return path === "" ? String(part) : `${path}/${part}`;
}

/** The elements on the way to a path, as far as they are known. */
export function walk(spec: FormSpec, path: string): Step[] {
  const steps: Step[] = [];
  let group = spec.root;
  for (const part of path.split("/")) {
    const last = steps.at(-1);
    if (/^\d+$/.test(part) && last !== undefined && last.at === undefined && isMany(last.field)) {
      last.at = Number(part);
      continue;
    }
    const field = groupOf(spec, group).fields.find((each) => each.name === part);
    if (field === undefined) {
      break;
    }
    steps.push({ field, of: group });
    group = field.group ?? "";
  }
  return steps;
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function childOf(value: Json | undefined, part: string): Json | undefined {
  if (Array.isArray(value)) {
    return (value as readonly Json[])[Number(part)];
  }
  return isObject(value) ? value[part] : undefined;
}

export function valueAt(body: Json | undefined, path: string): Json | undefined {
  return path === "" ? body : path.split("/").reduce(childOf, body);
}

export function itemsAt(body: Json, path: string): readonly Json[] {
  const value = valueAt(body, path);
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}

/** Its presence says something though it holds nothing: one of several, one of a choice, the root. */
function staysEmpty(spec: FormSpec, path: string): boolean {
  const last = walk(spec, path).at(-1);
  return last === undefined || last.of === spec.root || /\/\d+$/.test(path) || groupOf(spec, last.of).choice;
}

function isEmpty(value: Json | undefined): boolean {
  return value === undefined || (Array.isArray(value) ? value.length === 0 : isObject(value) && Object.keys(value).length === 0);
}

function without(value: JsonObject, name: string): JsonObject {
  return Object.fromEntries(Object.entries(value).filter(([key]) => key !== name));
}

function changed(spec: FormSpec, value: Json | undefined, path: string, done: readonly string[], left: readonly string[], to: Json | undefined): Json | undefined {
  const [part, ...rest] = left;
  if (part === undefined) {
    return to;
  }
  const here = [...done, part];
  let next = changed(spec, childOf(value, part), path, here, rest, to);
  if (rest.length > 0 && isEmpty(next) && !staysEmpty(spec, here.join("/"))) {
    next = undefined;
  }
  if (/^\d+$/.test(part) && (Array.isArray(value) || value === undefined)) {
    const items = [...((value as readonly Json[] | undefined) ?? [])];
    if (next === undefined) {
      items.splice(Number(part), 1);
    } else {
      items[Number(part)] = next;
    }
    return items;
  }
  const object = isObject(value) ? value : {};
  return next === undefined ? without(object, part) : { ...object, [part]: next };
}

/** The document with another value at a path; undefined removes what is there. */
export function put(spec: FormSpec, body: JsonObject, path: string, to: Json | undefined): JsonObject {
  return (changed(spec, body, path, [], path.split("/"), to) ?? {}) as JsonObject;
}

/** One more of an element of which there may be several. */
export function added(spec: FormSpec, body: JsonObject, path: string, item: Json): JsonObject {
  return put(spec, body, path, [...itemsAt(body, path), item]);
}

/** As it is sent: without lines that were added and left empty. */
export function cleaned(value: JsonObject): JsonObject {
  const clean = (each: Json): Json | undefined => {
    if (Array.isArray(each)) {
      const items = (each as readonly Json[]).map(clean).filter((item): item is Json => item !== undefined && item !== "");
      return items.length === 0 && each.length > 0 ? undefined : items;
    }
    if (isObject(each)) {
      return Object.fromEntries(
        Object.entries(each)
          .map(([name, inner]) => [name, clean(inner)] as const)
          .filter((entry): entry is readonly [string, Json] => entry[1] !== undefined && entry[1] !== ""),
      );
    }
    return each;
  };
  return clean(value) as JsonObject;
}

/** How many things are said in it. */
export function countOf(value: Json | undefined): number {
  if (value === undefined || value === null || value === "") {
    return 0;
  }
  if (Array.isArray(value)) {
    return (value as readonly Json[]).reduce<number>((sum, each) => sum + countOf(each), 0);
  }
  return isObject(value) ? Object.values(value).reduce<number>((sum, each) => sum + countOf(each), 0) : 1;
}

export function isBelow(path: string, above: string): boolean {
  return above === "" || path === above || path.startsWith(`${above}/`);
}

/** In a file: what only facts fill (what was seen, hashes, when it came, whether it was public). */
const FACTS_ALONE = /^files\/\d+\/(uploadedToEspTimestamp|fileViewedByEsp|exifViewedByEsp|publiclyAvailable|originalFileHash)(\/|$)/;

/** Nobody writes here; which files there are is a fact too. */
export function isFactAlone(path: string): boolean {
  return path === "files" || FACTS_ALONE.test(path);
}

const WHOLE_UP_TO = 6;
/** What is said of most cases: in view though nothing is said yet. */
const COMMON: Readonly<Record<string, readonly string[]>> = {
  report: ["incidentSummary", "internetDetails", "reporter", "personOrUserReported", "intendedRecipient", "victim", "additionalInfo"],
  incidentSummary: ["incidentType", "incidentDateTime", "incidentDateTimeDescription", "platform", "escalateToHighPriority", "reportAnnotations"],
  personOrUserReported: ["espIdentifier", "screenName", "additionalInfo"],
  intendedRecipient: ["espIdentifier", "screenName", "additionalInfo"],
  victim: ["victimPerson", "espIdentifier", "screenName", "additionalInfo"],
  associatedAccount: ["@type", "espIdentifier", "screenName"],
  person: ["firstName", "lastName", "email"],
  fileDetails: ["originalFileName", "uploadedToEspTimestamp", "fileViewedByEsp", "exifViewedByEsp", "publiclyAvailable", "industryClassification", "originalFileHash", "additionalInfo"],
};

/** Which fields of a group are in view, and which are one step away. */
export function placed(spec: FormSpec, group: string, has: (name: string) => boolean): { shown: FieldSpec[]; more: FieldSpec[] } {
  const { fields } = groupOf(spec, group);
  const isWhole = group === spec.root || fields.length <= WHOLE_UP_TO;
  const isShown = (field: FieldSpec) => isWhole || field.min > 0 || COMMON[group]?.includes(field.name) === true || has(field.name);
  return { shown: fields.filter(isShown), more: fields.filter((field) => !isShown(field)) };
}

/** Open from the start: what one reads first. */
export function isOpenAtFirst(path: string): boolean {
  if (path === "report") {
    return true;
  }
  return /^(report\/(incidentSummary|internetDetails\/0|personOrUserReported\/0)|files\/0)(\/(webPageIncident|emailIncident|newsgroupIncident|chatImIncident|onlineGamingIncident|cellPhoneIncident|nonInternetIncident|peer2peerIncident|reportAnnotations|originalFileHash\/\d+))?$/.test(
    path,
  );
}

/** All that lies above a path, and the path. */
export function ancestors(path: string): string[] {
  const parts = path.split("/");
  return parts.map((_, at) => parts.slice(0, at + 1).join("/"));
}

/** The key of a field's help: the first place of the form where the same sentence stands. */
export function helpKeys(spec: FormSpec): Map<string, string> {
  const keys = new Map<string, string>();
  for (const [group, { fields }] of Object.entries(spec.groups)) {
    for (const field of fields) {
      if (!keys.has(field.help)) {
        keys.set(field.help, `${group}_${bare(field.name)}`);
      }
    }
  }
  return keys;
}

/** "@type" is "type" in the catalogue. */
export function bare(name: string): string {
  return name.replace(/^[@#]/, "");
}

interface Viewed {
  whole: number;
  nobody: number;
  unsaid: number;
}

/** What a document says of who looked at its files. */
export function viewedOf(body: Json): Viewed {
  const files = itemsAt(body, "files").map((file) => valueAt(file, "fileViewedByEsp"));
  return {
    whole: files.filter((each) => each === true).length,
    nobody: files.filter((each) => each === false).length,
    unsaid: files.filter((each) => each === undefined).length,
  };
}
