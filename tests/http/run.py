#!/usr/bin/python3
"""Runs the API tests against a built binary: run.py SOURCE_FOLDER BINARY_FOLDER [unittest arguments]."""
import os
import pathlib
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent

if __name__ == "__main__":
    os.environ["TUTELA_SOURCE_DIR"] = sys.argv[1]
    os.environ["TUTELA_BINARY"] = str(pathlib.Path(sys.argv[2]) / "tutela")
    sys.path.insert(0, str(HERE))
    names = sys.argv[3:]
    loader = unittest.TestLoader()
    suite = loader.loadTestsFromNames(names) if names else loader.discover(str(HERE), "test_*.py")
    result = unittest.TextTestRunner(verbosity=2).run(suite)
    sys.exit(0 if result.wasSuccessful() and result.testsRun else 1)
