#!/usr/bin/env python3
"""What a host pays for the public header: compile time beside that of three standard headers, and lines.

usage: test_compile_cost.py COMPILER

Time is CPU time, and only its ratio counts: the two are compiled in turns, and of each the fastest is taken, so that a
busy machine does not matter. A header that names CAF, JSON or spdlog would cost a host twice to five times as much.
"""
import pathlib
import resource
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
BASELINE = "#include <functional>\n#include <string>\n#include <vector>\n"

# Measured on 2026-11-26 with GCC 12.2. Who needs more than the margin above it changes a number here, and says why.
MARGIN = 1.15
COSTS = {  # header: (times the baseline, lines after preprocessing), as measured
    "actors/actors.hpp": (3.3, 71_600),
    "actors/testkit.hpp": (3.2, 66_800),
}
ROUNDS = 3


def seconds(compiler, source):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([compiler, "-std=c++20", f"-I{ROOT}/libactors", "-fsyntax-only", source],
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def lines(compiler, source):
    done = subprocess.run([compiler, "-std=c++20", f"-I{ROOT}/libactors", "-E", "-P", source],
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.count("\n")


def main():
    compiler = sys.argv[1]
    faults = []
    with tempfile.TemporaryDirectory() as scratch:
        baseline = pathlib.Path(scratch) / "baseline.cpp"
        baseline.write_text(BASELINE)
        for header, (ratio_max, lines_max) in COSTS.items():
            alone = pathlib.Path(scratch) / "alone.cpp"
            alone.write_text(f"#include <{header}>\n")
            pairs = [(seconds(compiler, baseline), seconds(compiler, alone)) for _ in range(ROUNDS)]
            least, cost = (min(x) for x in zip(*pairs))
            length = lines(compiler, alone)
            print(f"{header}: {cost:.2f} s, {cost / least:.2f} times the {least:.2f} s of the standard headers "
                  f"(at most {ratio_max * MARGIN:.2f}); {length} lines (at most {lines_max * MARGIN:.0f})")
            if cost / least > ratio_max * MARGIN:
                faults.append(f"{header} takes too long to compile")
            if length > lines_max * MARGIN:
                faults.append(f"{header} is too long")
    if faults:
        sys.exit("\n".join(faults) + "\nFind what it includes with g++ -H; name types in *_fwd or forward declarations.")


main()
