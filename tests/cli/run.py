"""Runs the transcript tests of the command.

usage: run.py SOURCE_FOLDER BIN_FOLDER [NAMES, e.g. test_scan.ScanTest.test_resumes]
"""
import pathlib
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import support  # noqa: E402

if __name__ == "__main__":
    support.SOURCE = pathlib.Path(sys.argv[1]).resolve()
    support.TUTELA = pathlib.Path(sys.argv[2]).resolve() / "tutela"
    loader = unittest.TestLoader()
    names = sys.argv[3:]
    suite = loader.loadTestsFromNames(names) if names else loader.discover(str(HERE))
    result = unittest.TextTestRunner(verbosity=2).run(suite)
    sys.exit(0 if result.wasSuccessful() and result.testsRun > 0 else 1)
