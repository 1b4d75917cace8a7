#!/usr/bin/env python3
"""Turns cybertipline.xsd into a C++ source that holds its bytes: embed_schema.py XSD CPP."""
import sys

with open(sys.argv[1], "rb") as source:
    data = source.read()
lines = [", ".join(str(byte) for byte in data[i:i + 24]) for i in range(0, len(data), 24)]
with open(sys.argv[2], "w", encoding="ascii") as out:
    out.write('#include "exchange/cybertip/schema_text.hpp"\n\n'
              "namespace tutela::cybertip {\n\nnamespace {\n\n"
              f"constexpr char kXsd[{len(data)}] = {{\n  " + ",\n  ".join(lines) + "};\n\n"
              "}  // namespace\n\n"
              "std::string_view schema_text() noexcept { return {kXsd, sizeof(kXsd)}; }\n\n"
              "}  // namespace tutela::cybertip\n")
