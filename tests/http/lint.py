#!/usr/bin/python3
"""Lints spec/openapi.yaml with the pinned npm linter: lint.py SOURCE_FOLDER WORK_FOLDER.

Installs it into the work folder the first time (without install scripts); afterwards no network is
needed. Skips loudly (exit status 77) where there is no npm, or it cannot be installed.
"""
import pathlib
import shutil
import subprocess
import sys

FILES = ("package.json", "package-lock.json", "spectral.yaml")


def skip(why):
    print(f"SKIPPED: the OpenAPI description was not linted: {why}", file=sys.stderr)
    return 77


def main():
    source = pathlib.Path(sys.argv[1])
    work = pathlib.Path(sys.argv[2])
    work.mkdir(parents=True, exist_ok=True)
    npm = shutil.which("npm")
    if npm is None:
        return skip("npm is not installed")
    for name in FILES:
        shutil.copyfile(source / "tests/http" / name, work / name)
    lock = (work / "package-lock.json").read_bytes()
    stamp = work / "installed.lock"
    if not stamp.exists() or stamp.read_bytes() != lock:
        install = subprocess.run([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=work,
                                 capture_output=True, text=True, timeout=300, check=False)
        if install.returncode != 0:
            return skip("npm ci failed:\n" + install.stderr[-2000:])
        stamp.write_bytes(lock)
    return subprocess.run(["node", "node_modules/@stoplight/spectral-cli/dist/index.js", "lint",
                           "--fail-severity=warn", "-r", "spectral.yaml",
                           str(source / "spec/openapi.yaml")], cwd=work, timeout=120,
                          check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
