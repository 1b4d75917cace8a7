#!/usr/bin/env python3
"""Turns spec/openapi.yaml into a C++ source that holds it as JSON: embed_openapi.py YAML CPP."""
import json
import sys

import yaml

with open(sys.argv[1], encoding="utf-8") as source:
    # BaseLoader-like dates would become objects JSON does not know; the spec quotes them.
    text = json.dumps(yaml.safe_load(source), ensure_ascii=True, separators=(",", ":"))
data = text.encode("ascii")
lines = [", ".join(str(byte) for byte in data[i:i + 24]) for i in range(0, len(data), 24)]
with open(sys.argv[2], "w", encoding="ascii") as out:
    out.write('#include "service/http/openapi.hpp"\n\n'
              "namespace tutela::http {\n\nnamespace {\n\n"
              f"constexpr char kJson[{len(data)}] = {{\n  " + ",\n  ".join(lines) + "};\n\n"
              "}  // namespace\n\n"
              "std::string_view openapi_json() noexcept { return {kJson, sizeof(kJson)}; }\n\n"
              "}  // namespace tutela::http\n")
