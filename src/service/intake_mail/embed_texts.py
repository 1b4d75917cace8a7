#!/usr/bin/env python3
"""Turns locales/LANGUAGE.json into a C++ source that holds their texts: embed_texts.py CPP JSON..."""
import json
import pathlib
import sys


def literal(text):
    """One line of C++ for each line of text; bytes that are not ASCII as octal."""
    escaped = "".join(f"\\{byte:03o}" if byte < 32 or byte > 126 or byte in b'"\\?' else chr(byte)
                      for byte in text.encode("utf-8"))
    return f'"{escaped}"'


KEYS = ["subject", "body"]
catalogues = {pathlib.Path(name).stem: json.load(open(name, encoding="utf-8")) for name in sys.argv[2:]}
with open(sys.argv[1], "w", encoding="ascii") as out:
    out.write('#include "service/intake_mail/texts.hpp"\n\nnamespace tutela::intake_mail {\n\n'
              "const Texts* texts_of(std::string_view language) noexcept {\n")
    for language, texts in sorted(catalogues.items()):
        if sorted(texts) != sorted(KEYS):
            sys.exit(f"{language}: has other keys than {KEYS}")
        fields = ",\n      ".join(
            literal("\n".join(texts[key]) if isinstance(texts[key], list) else texts[key])
            for key in KEYS)
        out.write(f"  static constexpr Texts k_{language} = {{\n      {fields}}};\n"
                  f'  if (language == "{language}") {{\n    return &k_{language};\n  }}\n')
    out.write("  return nullptr;\n}\n\n}  // namespace tutela::intake_mail\n")
