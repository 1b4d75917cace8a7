#!/usr/bin/env python3
"""Turns the files of the public pages into a C++ source: embed.py FOLDER CPP FILE..."""
import pathlib
import sys

folder, out, names = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3:]
arrays, rows = [], []
for at, name in enumerate(names):
    data = (folder / name).read_bytes()
    data.decode("utf-8")
    lines = [", ".join(str(byte) for byte in data[i:i + 24]) for i in range(0, len(data), 24)]
    arrays.append(f"const unsigned char k{at}[{len(data)}] = {{\n  " + ",\n  ".join(lines) + "};\n")
    rows.append(f'      {{"{name}", view(k{at}, sizeof(k{at}))}},')
with open(out, "w", encoding="ascii") as source:
    source.write('#include "service/intake_page/files.hpp"\n\n'
                 "namespace tutela::intake_page {\n\nnamespace {\n\n" + "\n".join(arrays) +
                 "\nstd::string_view view(const unsigned char* bytes, std::size_t size) {\n"
                 "  return {reinterpret_cast<const char*>(bytes), size};\n}\n\n}  // namespace\n\n"
                 "std::span<const File> files() noexcept {\n  static const File kFiles[] = {\n" +
                 "\n".join(rows) + "\n  };\n  return kFiles;\n}\n\n"
                 "}  // namespace tutela::intake_page\n")
