"""tools/bench watch|messages|supervision|links|all [--quick] [--only NAME,...] [--who NAME,...] [--rounds N] [--large]
            [--json FILE]

Measures `actors` beside the least that could do the same work, in one run and in turns, and prints
medians, spread and ratios. On a shared machine only the ratios mean something. Ends with 1 when
`actors` missed a change or did not get done: then its times are worth nothing.
"""

import argparse
import json
import os
import pathlib
import platform
import signal
import subprocess
import sys

import watch_bench
from results import REFERENCES, REFERENCES_OF_WORKLOADS, Results, round_to_4

ROUNDS, ROUNDS_QUICK = 5, 2
SEED = 1  # of the storms and of the order of the contestants: every run of the bench does the same work
PROGRAM_TIMEOUT_S = 1800


def machine():
    model = "unknown"
    with open("/proc/cpuinfo", encoding="utf-8") as info:
        for line in info:
            if line.startswith("model name"):
                model = line.partition(":")[2].strip()
                break
    return {"cpus": len(os.sched_getaffinity(0)), "model": model, "kernel": platform.release(),
            "load_at_start": os.getloadavg()[0]}


def run_watch(results, options):
    def report(workload, who, figures):
        shown = {key: round_to_4(value) for key, value in figures.items() if value or key == "missed"}
        print(f"tools/bench: {workload}, {who}: {shown}", file=sys.stderr, flush=True)
        results.add("watch", workload, who, figures)

    rounds = options.rounds or (ROUNDS_QUICK if options.quick else ROUNDS)
    try:
        watch_bench.measure(options, rounds, SEED, report, results.notes.append)
    finally:
        results.add_slow_downs()


def run_program(kind, results, programs, options):
    """A program that measures by itself and prints a line of JSON a figure."""
    print(f"tools/bench: {kind}", file=sys.stderr, flush=True)
    command = [f"{programs}/bench_{kind}"] + (["--quick"] if options.quick else [])
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, timeout=PROGRAM_TIMEOUT_S)
    for line in done.stdout.splitlines():
        record = json.loads(line)
        results.add(kind, record["workload"], record["who"], {record["metric"]: record["value"]})


def main():
    parser = argparse.ArgumentParser(prog="tools/bench", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("watch", "messages", "supervision", "links", "all"))
    parser.add_argument("--quick", action="store_true", help="two rounds of less work: to see that it works")
    parser.add_argument("--only", metavar="NAME,...", help="these file workloads only, such as churn,latency")
    parser.add_argument("--who", metavar="NAME,...", help="these watchers only, such as actors,raw-inotify-batch")
    parser.add_argument("--rounds", metavar="N", type=int, help=f"of the file workloads, instead of {ROUNDS}")
    parser.add_argument("--large", action="store_true", help="a start on 1,000,000 files too")
    parser.add_argument("--json", metavar="FILE", help="write the figures there too")
    parser.add_argument("--programs", default=pathlib.Path(__file__).parents[2] / "build/bench/bin",
                        help=argparse.SUPPRESS)
    options = parser.parse_args()
    # An interrupt: what was started is ended, what was made is removed, what was measured is told.
    signal.signal(signal.SIGTERM, signal.default_int_handler)

    results, about, interrupted = Results(), machine(), False
    try:
        if options.what in ("watch", "all"):
            run_watch(results, options)
        for kind in ("messages", "supervision", "links"):
            if options.what in (kind, "all"):
                run_program(kind, results, options.programs, options)
    except KeyboardInterrupt:
        interrupted = True
        results.notes.append("interrupted")

    print(f"{about['cpus']} x {about['model']}, Linux {about['kernel']}, "
          f"load {about['load_at_start']:.1f} at the start")
    exceptions = "".join(f" ({workload}: {who})" for workload, who in REFERENCES_OF_WORKLOADS.items())
    print(f"ratio: to {' or '.join(REFERENCES.values())}{exceptions}. "
          "!: missed something or did not get done, so the times are worth little.\n")
    print(results.table())
    for note in results.notes:
        print(f"note: {note}")
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump({"machine": about, "rows": results.rows(), "notes": results.notes}, file, indent=1)
            file.write("\n")
    return 130 if interrupted else 1 if results.wrongs_of_ours() else 0


if __name__ == "__main__":
    sys.exit(main())
