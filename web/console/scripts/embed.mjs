// embed.mjs DIST OUT: packs the built files, gzipped, into OUT.bin, and writes OUT.S and OUT.cpp,
// which bring them into the binary. The same input gives the same bytes.
import { createHash } from "node:crypto";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { gzipSync } from "node:zlib";

const [dist, out] = process.argv.slice(2);
const mediaTypes = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
};

function filesOf(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const at = path.join(folder, entry.name);
    if (entry.name.startsWith(".")) {
      return []; // Vite's manifest is for the build alone
    }
    return entry.isDirectory() ? filesOf(at) : [at];
  });
}

const parts = [];
const rows = [];
let offset = 0;
for (const file of filesOf(dist).sort()) {
  const mediaType = mediaTypes[path.extname(file)];
  if (mediaType === undefined) {
    throw new Error(`embed.mjs knows no media type for ${file}`);
  }
  const bytes = readFileSync(file);
  const packed = gzipSync(bytes, { level: 9 });
  packed.fill(0, 4, 8); // the time; 9 is the system
  packed[9] = 255;
  const name = `/${path.relative(dist, file).split(path.sep).join("/")}`;
  const digest = createHash("sha256").update(bytes).digest("hex");
  rows.push(`      {"${name}", "${mediaType}", "${digest}", ${bytes.length}, at(${offset}, ${packed.length})},`);
  parts.push(packed);
  offset += packed.length;
}

writeFileSync(`${out}.bin`, Buffer.concat(parts));
writeFileSync(
  `${out}.S`,
  `.section .rodata
.global tutela_console_bytes
.balign 16
tutela_console_bytes:
.incbin "${path.resolve(out)}.bin"
.byte 0
.section .note.GNU-stack,"",%progbits
`,
);
writeFileSync(
  `${out}.cpp`,
  `#include "service/http/console_files.hpp"

extern "C" const std::byte tutela_console_bytes[];

namespace tutela::http {

namespace {

std::span<const std::byte> at(std::size_t offset, std::size_t size) {
  return {tutela_console_bytes + offset, size};
}

}  // namespace

std::span<const ConsoleFile> console_files() noexcept {
  static const ConsoleFile kFiles[] = {
${rows.join("\n")}
  };
  return kFiles;
}

}  // namespace tutela::http
`,
);
