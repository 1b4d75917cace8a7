// A server with people of every role, lists, and suspected pictures in cases. The pictures are
// harmless (pictures.py) and hold a pattern that no grade below full lets through.
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { promisify } from "node:util";
import { Client, firstAdmin, invite } from "./people.mjs";
import { Server } from "./server.mjs";

const run = promisify(execFile);
const KEPT_MS = 60_000;
const FLIPPED = 8; // bits of 256: near, and not exact

export async function until(get, what, ms = KEPT_MS) {
  for (const end = Date.now() + ms; ; await wait(100)) {
    const value = await get();
    if (value) {
      return value;
    }
    if (Date.now() > end) {
      throw new Error(`in ${ms} ms not: ${what}`);
    }
  }
}

let pictures;

/** Files of harmless pictures, made once. */
export async function picturesOf(count) {
  pictures ??= { folder: mkdtempSync(join(tmpdir(), "tutela-pictures-")), count: 0 };
  if (pictures.count < count) {
    const script = join(process.env.TUTELA_SOURCE_DIR, "tests/console/support/pictures.py");
    await run(process.env.TUTELA_PYTHON, ["-B", script, pictures.folder, String(count)]);
    pictures.count = count;
  }
  return Array.from({ length: count }, (_, at) => join(pictures.folder, `${at}.png`));
}

export function forgetPictures() {
  if (pictures) {
    rmSync(pictures.folder, { recursive: true, force: true });
  }
}

/** A PDQ hash a few bits away. */
function nearTo(pdq) {
  const bytes = Buffer.from(pdq, "hex");
  for (let bit = 0; bit < FLIPPED; ++bit) {
    bytes[bit * 3] ^= 1;
  }
  return bytes.toString("hex");
}

export class World {
  opened = 0;

  /** `roles`: {name: role}. */
  static async make(keys, roles, pictureCount) {
    const world = new World();
    world.server = await Server.start(keys);
    world.files = await picturesOf(pictureCount + 1);
    world.people = { root: await firstAdmin(world.server) };
    for (const [name, role] of Object.entries(roles)) {
      world.people[name] = await invite(world.people.root, name, role);
    }
    world.lists = new Client(world.server, await world.server.token("lists read"));
    world.scanner = new Client(world.server, await world.server.token("scan read"));
    await world.scan(pictureCount); // that matches nothing: lists are tried on something before they are active
    return world;
  }

  scan(at, query = "") {
    const headers = { "Content-Type": "application/octet-stream" };
    return this.scanner.post(`/v1/scan${query}`, readFileSync(this.files[at]), headers);
  }

  async list(name, spec, signals) {
    await this.lists.post("/v1/lists", { name, source: "own", ...spec });
    await this.lists.post(`/v1/lists/${name}/signals`, { signals });
    await this.lists.post(`/v1/lists/${name}/dry-run`);
    for (const token of ["lists read", "lists"]) {
      const one = new Client(this.server, await this.server.token(token)); // two consent
      await one.post(`/v1/lists/${name}/activate`);
    }
  }

  exact(at) {
    const value = createHash("sha256").update(readFileSync(this.files[at])).digest("hex");
    return { kind: "sha256", value };
  }

  async near(from, to) {
    const printed = await this.server.command("hash", "--json", ...this.files.slice(from, to));
    return printed.split("\n").map((line) => ({ kind: "pdq", value: nearTo(JSON.parse(line).pdq) }));
  }

  /** Each picture from an account of its own: a case each. */
  async upload(from, to) {
    const reader = this.people.lead;
    for (let at = from; at < to; ++at) {
      const verdict = await this.scan(at, `?account=account-${at}&source=post`);
      if (verdict.verdict !== "match") {
        throw new Error(`picture ${at}: ${JSON.stringify(verdict)}`);
      }
    }
    this.opened += to - from;
    await until(async () => (await reader.all("/v1/cases?limit=200")).length >= this.opened, "a case each");
    await until(async () => (await reader.all("/v1/evidence?limit=1000")).length >= this.opened, "evidence of each");
  }

  /** What check_images.py compares the images with, as the auditor and a lead get it. */
  async close() {
    const { auditor, lead } = this.people;
    const entries = await auditor.all("/v1/audit/entries?action=evidence.view&limit=1000");
    const views = {};
    for (const { id } of await lead.all("/v1/evidence?limit=1000")) {
      views[id] = (await lead.get(`/v1/evidence/${id}`)).views;
    }
    const people = Object.fromEntries(Object.values(this.people).map((each) => [each.name, each.id]));
    const line = JSON.stringify({ server: this.server.origin, people, entries, views });
    appendFileSync(join(process.env.TUTELA_CONSOLE_RECORD, "logs.jsonl"), `${line}\n`);
    const status = await this.server.stop();
    if (status !== 0) {
      throw new Error(`the server ended with ${status}:\n${this.server.log.slice(-20).join("\n")}`);
    }
  }
}
