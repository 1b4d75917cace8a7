// Proofs of the audit log (c2sp.org/tlog-proof, RFC 6962), read and followed here: the line of the
// entry and the hashes beside it must lead to the root that the checkpoint signs. The signature needs
// the log's key from elsewhere, and is for `tutela audit verify`.

export interface Leaf {
  index: number;
  time: string;
  principal: string;
  role: string;
  action: string;
  object: string;
  purpose: string;
  result: string;
}

export interface Proof {
  leaf: Leaf;
  line: Uint8Array<ArrayBuffer>;
  index: number;
  hashes: Uint8Array<ArrayBuffer>[];
  checkpoint: string;
  origin: string;
  size: number;
  root: Uint8Array<ArrayBuffer>;
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

function leafOf(line: Uint8Array): Leaf {
  const value: unknown = JSON.parse(new TextDecoder().decode(line));
  if (typeof value !== "object" || value === null) {
    throw new Error("the line of the entry is no object");
  }
  const all = value as Record<string, unknown>;
  const word = (name: string) => (typeof all[name] === "string" ? all[name] : "");
  return {
    index: Number(all.index),
    time: word("time"),
    principal: word("principal"),
    role: word("role"),
    action: word("action"),
    object: word("object"),
    purpose: word("purpose"),
    result: word("result"),
  };
}

export function checkpointOf(note: string): { origin: string; size: number; root: Uint8Array<ArrayBuffer> } {
  const [origin, size, root] = note.split("\n");
  if (origin === undefined || root === undefined || !/^\d+$/.test(size ?? "")) {
    throw new Error("the checkpoint is not one");
  }
  return { origin, size: Number(size), root: bytesOf(root) };
}

export function readProof(text: string): Proof {
  const gap = text.indexOf("\n\n");
  const head = text.slice(0, gap).split("\n");
  const [format, extra, index, ...hashes] = head;
  if (gap < 0 || format !== "c2sp.org/tlog-proof@v1" || !extra?.startsWith("extra ") || !index?.startsWith("index ")) {
    throw new Error("not a proof of this format");
  }
  const checkpoint = text.slice(gap + 2);
  const line = bytesOf(extra.slice("extra ".length));
  return {
    leaf: leafOf(line),
    line,
    index: Number(index.slice("index ".length)),
    hashes: hashes.map(bytesOf),
    checkpoint,
    ...checkpointOf(checkpoint),
  };
}

async function hash(prefix: number, ...parts: Uint8Array[]): Promise<Uint8Array<ArrayBuffer>> {
  const all = new Uint8Array(1 + parts.reduce((sum, part) => sum + part.length, 0));
  all[0] = prefix;
  let at = 1;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return new Uint8Array(await crypto.subtle.digest("SHA-256", all));
}

/** Whether the proof leads to the root of its checkpoint (RFC 9162, 2.1.3.2). */
export async function leadsToRoot(proof: Proof): Promise<boolean> {
  if (proof.leaf.index !== proof.index || proof.index >= proof.size) {
    return false;
  }
  let at = proof.index;
  let last = proof.size - 1;
  let root = await hash(0, proof.line);
  for (const beside of proof.hashes) {
    if (last === 0) {
      return false;
    }
    if (at % 2 === 1 || at === last) {
      root = await hash(1, beside, root);
      while (at % 2 === 0 && at !== 0) {
        at = Math.floor(at / 2);
        last = Math.floor(last / 2);
      }
    } else {
      root = await hash(1, root, beside);
    }
    at = Math.floor(at / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 && root.length === proof.root.length && root.every((byte, i) => byte === proof.root[i]);
}
