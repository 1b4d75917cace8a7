#!/usr/bin/python3
"""The console in Debian's Chromium: run.py SOURCE_FOLDER BINARY_FOLDER WORK_FOLDER [PARTS].

Starts the real binary with real SQLite, drives the browser (main.mjs, PARTS of it), then decodes
every image that the browser was given (check_images.py). Screenshots: SOURCE_FOLDER/build/screens. Installs the
pinned npm packages into the work folder the first time (without install scripts); afterwards no
network is needed. Skips loudly (exit status 77) where there is no Chromium, or no packages.
"""
import os
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "support")]

from npm import install  # noqa: E402: found by the line above

RUN_SECONDS = 3300


def skip(why):
    print(f"SKIPPED: NOTHING of the console was tested in a browser: {why}", file=sys.stderr)
    return 77


def main():
    source, binaries, work = (pathlib.Path(argument).resolve() for argument in sys.argv[1:4])
    chromium = shutil.which("chromium")
    if chromium is None:
        return skip("chromium is not installed (Debian: chromium)")
    try:
        import PIL  # noqa: F401: check_images.py needs it
    except ImportError:
        return skip("Pillow is absent (Debian: python3-pil)")
    if (why := install(HERE, work)) is not None:
        return skip(why)
    tests = work / "tests"
    shutil.rmtree(tests, ignore_errors=True)
    shutil.copytree(HERE, tests, ignore=shutil.ignore_patterns("package*.json", "*.py", "node_modules"))
    record = work / "record"
    shutil.rmtree(record, ignore_errors=True)
    record.mkdir()
    screens = source / "build" / "screens"  # kept by CI
    shutil.rmtree(screens, ignore_errors=True)
    screens.mkdir(parents=True)
    environment = dict(os.environ, TUTELA_BINARY=str(binaries / "tutela"), TUTELA_PYTHON=sys.executable,
                       TUTELA_SOURCE_DIR=str(source), TUTELA_CHROMIUM=chromium,
                       TUTELA_CONSOLE_RECORD=str(record), TUTELA_SCREENS=str(screens))
    parts = sys.argv[4:]
    ran = subprocess.run(["node", "--test-reporter=spec", "main.mjs", *parts], cwd=tests,
                         env=environment, timeout=RUN_SECONDS, check=False)
    measured = subprocess.run([sys.executable, "-B", HERE / "check_images.py", record, *parts],
                              timeout=RUN_SECONDS, check=False)
    return 0 if ran.returncode == 0 and measured.returncode == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
