// Writes src/api/schema.d.ts from the description of the HTTP API. TUTELA_OPENAPI names the file
// where the console is built outside of the source tree.
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import openapiTS, { astToString } from "openapi-typescript";

const here = path.dirname(fileURLToPath(import.meta.url));
const spec = path.resolve(process.env.TUTELA_OPENAPI ?? path.join(here, "../../../spec/openapi.yaml"));
const target = path.join(here, "../src/api/schema.d.ts");
const text = astToString(await openapiTS(pathToFileURL(spec), { alphabetize: false }));
const before = await readFile(target, "utf8").catch(() => "");
if (before !== text) {
  await writeFile(target, text);
}
