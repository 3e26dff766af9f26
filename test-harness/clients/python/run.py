"""Runs the tests beside this file, or those of the files that match an argument, and prints one JSON object a line for each: name, passed, output."""

import json
import pathlib
import sys
import traceback
import unittest


class JsonLines(unittest.TestResult):
    """A skipped test, or one that was expected to fail, proves nothing and has failed."""

    def _report(self, test, passed, output=""):
        print(json.dumps({"name": name_of(test), "passed": passed, "output": output}), flush=True)

    def addSuccess(self, test):
        super().addSuccess(test)
        self._report(test, True)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self._report(test, False, "".join(traceback.format_exception(*err)))

    def addError(self, test, err):
        super().addError(test, err)
        self._report(test, False, "".join(traceback.format_exception(*err)))

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            self._report(test, False, "".join([str(subtest), "\n", *traceback.format_exception(*err)]))

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self._report(test, False, f"skipped: {reason}")

    def addExpectedFailure(self, test, err):
        super().addExpectedFailure(test, err)
        self._report(test, False, "expected to fail")

    def addUnexpectedSuccess(self, test):
        super().addUnexpectedSuccess(test)
        self._report(test, False, "not expected to pass")


def name_of(test):
    """test_aws_kms.Contexts.test_refuses_another -> "boto3: refuses another"; a class or module that did not load keeps its own name."""
    method = getattr(test, "_testMethodName", "")
    client = getattr(type(test), "client_library", None)
    return f"{client}: {method.removeprefix('test_').replace('_', ' ')}" if client else str(test)


def main():
    pattern = sys.argv[1] if len(sys.argv) > 1 else "test_*.py"
    suite = unittest.defaultTestLoader.discover(str(pathlib.Path(__file__).parent), pattern)
    result = JsonLines()
    suite.run(result)
    sys.exit(0 if result.wasSuccessful() and result.testsRun > 0 else 1)


if __name__ == "__main__":
    main()
