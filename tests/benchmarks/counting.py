"""Stands in for a crawler that is measured: `python -m tests.benchmarks.counting N` gives N samples."""

import sys

from benchmarks.usage import report

if __name__ == "__main__":
    for number in range(int(sys.argv[1])):
        report(250 * (number + 1))
