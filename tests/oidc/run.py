#!/usr/bin/python3
"""Single sign-on against a real provider: run.py SOURCE_FOLDER BINARY_FOLDER WORK_FOLDER.

Installs the pinned npm package into the work folder the first time (without install scripts);
afterwards no network is needed. Skips loudly (exit status 77) where that is not possible.
"""
import os
import pathlib
import shutil
import subprocess
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
FILES = ("package.json", "package-lock.json", "provider.mjs")


def skip(why):
    print(f"SKIPPED: single sign-on was not tested: {why}", file=sys.stderr)
    return 77


def install(work):
    """Why it is not there, or None."""
    work.mkdir(parents=True, exist_ok=True)
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        return "npm or node is not installed"
    for name in FILES:
        shutil.copyfile(HERE / name, work / name)
    lock = (work / "package-lock.json").read_bytes()
    stamp = work / "installed.lock"
    if not stamp.exists() or stamp.read_bytes() != lock:
        done = subprocess.run([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=work,
                              capture_output=True, text=True, timeout=300, check=False)
        if done.returncode != 0:
            return "npm ci failed:\n" + done.stderr[-2000:]
        stamp.write_bytes(lock)
    return None


def main():
    work = pathlib.Path(sys.argv[3])
    if (why := install(work)) is not None:
        return skip(why)
    os.environ["TUTELA_SOURCE_DIR"] = sys.argv[1]
    os.environ["TUTELA_BINARY"] = str(pathlib.Path(sys.argv[2]) / "tutela")
    os.environ["TUTELA_OIDC_PROVIDER"] = str(work)
    sys.path[:0] = [str(HERE), str(HERE.parent / "http")]
    suite = unittest.defaultTestLoader.loadTestsFromName("test_sign_on")
    result = unittest.TextTestRunner(verbosity=2).run(suite)
    return 0 if result.wasSuccessful() and result.testsRun else 1


if __name__ == "__main__":
    sys.exit(main())
