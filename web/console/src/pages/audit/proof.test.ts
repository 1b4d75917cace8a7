// The published vectors of the log: 300 entries, signed.
import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { leadsToRoot, readProof } from "./proof";

// The build works on a copy of these sources and says where the description, and so spec/, lies.
const spec = path.dirname(path.resolve(process.env.TUTELA_OPENAPI ?? "../../spec/openapi.yaml"));
const vectors = path.join(spec, "vectors/audit-log");
const textOf = (index: number) => readFileSync(path.join(vectors, `proof-${index}.tlog-proof`), "utf8");

describe("proofs of the audit log", () => {
  it.each([0, 299])("entry %i leads to the root of its checkpoint", async (index) => {
    const proof = readProof(textOf(index));
    expect(proof.leaf.index).toBe(index);
    expect(proof.size).toBe(300);
    expect(proof.origin).toBe("example.org/audit");
    expect(await leadsToRoot(proof)).toBe(true);
  });

  it("another entry, place, size or hash leads elsewhere", async () => {
    const proof = readProof(textOf(299));
    const line = proof.line.slice();
    line[100] = (line[100] ?? 0) ^ 1;
    expect(await leadsToRoot({ ...proof, line })).toBe(false);
    expect(await leadsToRoot({ ...proof, index: 298, leaf: { ...proof.leaf, index: 298 } })).toBe(false);
    expect(await leadsToRoot({ ...proof, size: 301 })).toBe(false);
    expect(await leadsToRoot({ ...proof, size: 299 })).toBe(false);
    expect(await leadsToRoot({ ...proof, hashes: proof.hashes.slice(1) })).toBe(false);
    expect(await leadsToRoot({ ...proof, hashes: [...proof.hashes, proof.root] })).toBe(false);
  });

  it("the entry is that of the place it is proved for", async () => {
    const proof = readProof(textOf(0));
    expect(await leadsToRoot({ ...proof, leaf: { ...proof.leaf, index: 7 } })).toBe(false);
  });

  it.each(["", "hello", "c2sp.org/tlog-proof@v1\nindex 1\n\nx", "c2sp.org/tlog-proof@v1\nextra e30=\nindex 0\n\na\nb\nc\n"])(
    "refuses what is no proof: %j",
    (text) => {
      expect(() => readProof(text)).toThrow();
    },
  );
});
