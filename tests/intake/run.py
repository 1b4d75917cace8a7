#!/usr/bin/python3
"""The public pages in Debian's Chromium: run.py SOURCE_FOLDER BINARY_FOLDER WORK_FOLDER.

Starts the real binary and drives the browser (main.mjs). Screenshots: SOURCE_FOLDER/build/screens-intake.
The npm packages are those of tests/console, installed once into the work folder; afterwards no network
is needed. Skips loudly (exit status 77) where there is no Chromium, or no packages.
"""
import os
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
CONSOLE = HERE.parent / "console"
sys.path[:0] = [str(HERE.parent / "support")]

from npm import install  # noqa: E402: found by the line above

RUN_SECONDS = 1100


def skip(why):
    print(f"SKIPPED: NOTHING of the public pages was tested in a browser: {why}", file=sys.stderr)
    return 77


def main():
    source, binaries, work = (pathlib.Path(argument).resolve() for argument in sys.argv[1:4])
    chromium = shutil.which("chromium")
    if chromium is None:
        return skip("chromium is not installed (Debian: chromium)")
    if (why := install(CONSOLE, work)) is not None:
        return skip(why)
    tests = work / "tests"
    shutil.rmtree(tests, ignore_errors=True)
    tests.mkdir()
    for file in (*HERE.glob("*.mjs"), CONSOLE / "support" / "server.mjs"):
        shutil.copyfile(file, tests / file.name)
    screens = source / "build" / "screens-intake"  # kept by CI
    shutil.rmtree(screens, ignore_errors=True)
    screens.mkdir(parents=True)
    environment = dict(os.environ, TUTELA_BINARY=str(binaries / "tutela"), TUTELA_CHROMIUM=chromium,
                       TUTELA_SOURCE_DIR=str(source), TUTELA_SCREENS=str(screens))
    ran = subprocess.run(["node", "--test-reporter=spec", "main.mjs"], cwd=tests, env=environment,
                         timeout=RUN_SECONDS, check=False)
    return 0 if ran.returncode == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
