#!/usr/bin/python3
"""Decodes every image that the browser was given: check_images.py RECORD_FOLDER [any].

Where the pattern of the pictures survives, the original's own pixels were shown: then an entry of
the audit log by that person about that object, and a view in full, must be older than the image.
What is no text and cannot be decoded fails: nobody knows what it showed.
"""
import collections
import datetime
import json
import multiprocessing
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "support"), str(HERE / "support")]

from pictures import SEED  # noqa: E402: found by the line above
from planted_pattern import survives  # noqa: E402


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def milliseconds(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() * 1000


def measure(path):
    try:
        return path.name, survives(path.read_bytes(), SEED)
    except OSError as error:
        return path.name, error


def is_in_log(image, log):
    """Whether an older entry about a view in full of this object by this person is there."""
    who = "person:" + log["people"].get(image["who"], "?")
    entries = [entry for entry in log["entries"]
               if entry["object"] == "evidence:" + image["evidence"] and entry["who"] == who
               and entry["result"] == "ok" and milliseconds(entry["at"]) <= image["at"]]
    views = [view for view in log["views"].get(image["evidence"], ())
             if view["person"] == who and view["grade"] == "full"
             and milliseconds(view["at"]) <= image["at"]]
    return bool(views) and any(abs(milliseconds(entry["at"]) - milliseconds(view["at"])) < 1000
                               for entry in entries for view in views)


def main():
    record = pathlib.Path(sys.argv[1])
    images = lines(record / "images.jsonl")
    logs = {log["server"]: log for log in lines(record / "logs.jsonl")}
    problems = [f"an answer could not be read: {one}" for one in lines(record / "unread.jsonl")]
    files = sorted({record / "images" / image["file"] for image in images})
    with multiprocessing.Pool() as pool:
        shows = dict(pool.imap_unordered(measure, files))
    found = collections.Counter()
    for image in images:
        shown = shows[image["file"]]
        where = f"{image['url']} ({image['type']}), {image['who']}"
        if isinstance(shown, OSError):
            problems.append(f"{where}: no text, and no image that can be decoded: {shown}")
        elif "evidence" not in image:
            problems.append(f"{where}: an image that no link was made for")
        elif shown and not is_in_log(image, logs[image["server"]]):
            problems.append(f"{where}: the original's pixels, and no older entry of a full view")
        else:
            found[image["grade"], shown] += 1
    for (grade, shown), count in sorted(found.items()):
        print(f"{count} views of grade {grade}: the original's pixels {'show' if shown else 'do not show'}")
        if shown != (grade == "full"):
            problems.append(f"{count} views of grade {grade}: survives is {shown}")
    grades = {grade for grade, _ in found}
    if len(sys.argv) < 3 and not {"outline", "full"} <= grades:
        problems.append(f"the run showed only {sorted(grades)}: nothing was measured")
    for problem in problems:
        print(f"FAILED: {problem}", file=sys.stderr)
    print(f"{len(images)} images of {sum(1 for _ in files)} contents measured")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
