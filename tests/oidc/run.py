#!/usr/bin/python3
"""Single sign-on against a real provider: run.py SOURCE_FOLDER BINARY_FOLDER WORK_FOLDER.

Installs the pinned npm package into the work folder the first time (without install scripts);
afterwards no network is needed. Skips loudly (exit status 77) where that is not possible.
"""
import os
import pathlib
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "support")]

from npm import install  # noqa: E402: found by the line above


def skip(why):
    print(f"SKIPPED: single sign-on was not tested: {why}", file=sys.stderr)
    return 77


def main():
    work = pathlib.Path(sys.argv[3])
    if (why := install(HERE, work, ["provider.mjs"])) is not None:
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
