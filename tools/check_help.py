#!/usr/bin/python3
"""Compares the emergency numbers of a help directory with libphonenumber's short numbers.

usage: check_help.py SHORT_NUMBER_METADATA.xml [HELP.json]

The metadata is resources/ShortNumberMetadata.xml of github.com/google/libphonenumber: take that of
the newest release. HELP.json is web/intake/locales/help.json, or your own intake.help_file. Each
emergency number must be one there; of helplines it is said which are known as short numbers for
help, which proves that the number is assigned, not who answers. Exit status: 0, 1 where a number is
missing, 2 where a file cannot be read.
"""
import json
import pathlib
import re
import sys
import xml.etree.ElementTree as ElementTree

OURS = pathlib.Path(__file__).resolve().parent.parent / "web/intake/locales/help.json"


def patterns(metadata):
    """By country: what matches its emergency numbers, and its numbers for help; None where none."""
    found = {}
    for territory in ElementTree.parse(metadata).iter("territory"):
        texts = [territory.findtext(kind + "/nationalNumberPattern")
                 for kind in ("emergency", "expandedEmergency")]
        found[territory.get("id")] = [text and re.compile(re.sub(r"\s", "", text)) for text in texts]
    return found


def digits(line):
    return re.sub(r"\D", "", line.get("phone", ""))


def check(known, countries):
    """How many emergency numbers are there, how many of them are wrong, and what is told."""
    count = wrong = 0
    for country in countries:
        emergency, for_help = known.get(country["country"], (None, None))
        for line in country["emergency"]:
            count += 1
            if not (emergency and emergency.fullmatch(digits(line))):
                wrong += 1
                print(f"{country['country']}: {line['phone']} is no emergency number there")
        for line in country["helplines"]:
            if for_help and for_help.fullmatch(digits(line)):
                print(f"{country['country']}: {line['phone']} is a short number for help")
    return count, wrong


def main():
    if len(sys.argv) not in (2, 3):
        print(__doc__, file=sys.stderr)
        return 2
    try:
        known = patterns(sys.argv[1])
        file = pathlib.Path(sys.argv[2]) if len(sys.argv) == 3 else OURS
        countries = json.loads(file.read_text(encoding="utf-8"))["countries"]
        count, wrong = check(known, countries)
    except (OSError, ValueError, KeyError, TypeError, ElementTree.ParseError) as error:
        print(f"a file cannot be read: {error}", file=sys.stderr)
        return 2
    print(f"{count - wrong} of {count} emergency numbers are as in the metadata")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
