"""tools/bench watch|messages|supervision|all [--quick] [--only NAME,...] [--json FILE]

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
import statistics
import subprocess
import sys

import watch_bench

ROUNDS, ROUNDS_QUICK = 5, 2
SEED = 1  # of the storms and of the order of the contestants: every run of the bench does the same work
PROGRAM_TIMEOUT_S = 1800

# Who everybody is compared with.
REFERENCES = {"watch": "raw-inotify-batch", "messages": "raw-caf-credit", "supervision": "raw-caf"}


class Results:
    """Every figure of every round."""

    def __init__(self):
        self.values = {}  # (workload, who, metric): a value for each round
        self.kinds = {}  # workload: the key of REFERENCES
        self.notes = []

    def add(self, kind, workload, who, figures):
        self.kinds[workload] = kind
        for metric, value in figures.items():
            if metric == "note":
                self.notes.append(f"{workload}, {who}: {value}")
            else:
                self.values.setdefault((workload, who, metric), []).append(value)

    def add_slow_downs(self):
        """What a watcher costs the program that writes: its time against the median of no watcher."""
        for (workload, who, metric), values in list(self.values.items()):
            alone = self.values.get((workload, "nobody", "writer_s"))
            if metric == "writer_s" and who != "nobody" and alone:
                base = statistics.median(alone)
                self.values[workload, who, "writer_slow_down"] = [value / base for value in values]

    def wrongs(self, who):
        return sum(sum(values) for (_, name, metric), values in self.values.items()
                   if name == who and metric in ("missed", "seq_gaps", "failed"))

    def _is_wrong(self, workload, who):
        return any(any(self.values.get((workload, who, metric), ()))
                   for metric in ("missed", "seq_gaps", "failed"))

    def rows(self):
        return [{"workload": workload, "who": who, "metric": metric,
                 "median": round_to_4(statistics.median(values)), "min": round_to_4(min(values)),
                 "max": round_to_4(max(values)), "n": len(values)}
                for (workload, who, metric), values in self.values.items()]

    def table(self):
        """Metric by metric, so that those to be compared stand below each other. Leaves out what is
        zero for everyone, as counts of trouble should be; but that nothing was missed is said.
        """
        rows = self.rows()
        told = {(row["workload"], row["metric"]) for row in rows if row["max"] or row["metric"] == "missed"}
        rows = [row for row in rows if (row["workload"], row["metric"]) in told]
        median = {(row["workload"], row["who"], row["metric"]): row["median"] for row in rows}
        places = {}
        for row in rows:
            places.setdefault((row["workload"], row["metric"]), len(places))
        rows.sort(key=lambda row: (list(self.kinds).index(row["workload"]),
                                   places[row["workload"], row["metric"]], row["who"]))
        lines = [("workload", "metric", "who", "median", "min .. max", "n", "ratio")]
        before = None
        for row in rows:
            here = (row["workload"], row["metric"])
            if here != before and before is not None:
                lines.append(("",) * 7)
            before = here
            reference = median.get((row["workload"], REFERENCES[self.kinds[row["workload"]]], row["metric"]))
            ratio = f"{row['median'] / reference:.2f}" if reference and reference > 0 else "-"
            wrong = "!" if self._is_wrong(row["workload"], row["who"]) else ""
            lines.append((*here, row["who"], f"{row['median']:g}{wrong}",
                          f"{row['min']:g} .. {row['max']:g}", str(row["n"]), ratio))
        widths = [max(len(line[i]) for line in lines) for i in range(7)]
        left = {0, 1, 2}
        return "\n".join("  ".join(cell.ljust(width) if i in left else cell.rjust(width)
                                   for i, (cell, width) in enumerate(zip(line, widths))).rstrip()
                         for line in lines)


def round_to_4(value):
    return float(f"{value:.4g}") if isinstance(value, float) else value


def machine():
    model = "unknown"
    with open("/proc/cpuinfo", encoding="utf-8") as info:
        for line in info:
            if line.startswith("model name"):
                model = line.partition(":")[2].strip()
                break
    return {"cpus": len(os.sched_getaffinity(0)), "model": model, "kernel": platform.release(),
            "load_at_start": os.getloadavg()[0]}


def run_watch(results, programs, options):
    def report(workload, who, figures):
        shown = {key: round_to_4(value) for key, value in figures.items() if value or key == "missed"}
        print(f"tools/bench: {workload}, {who}: {shown}", file=sys.stderr, flush=True)
        results.add("watch", workload, who, figures)

    rounds = ROUNDS_QUICK if options.quick else ROUNDS
    only = options.only.split(",") if options.only else None
    watch_bench.measure(programs, options.quick, only, rounds, SEED, report)
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
    parser.add_argument("what", choices=("watch", "messages", "supervision", "all"))
    parser.add_argument("--quick", action="store_true", help="two rounds of less work: to see that it works")
    parser.add_argument("--only", metavar="NAME,...", help="these file workloads only, such as churn,latency")
    parser.add_argument("--json", metavar="FILE", help="write the figures there too")
    parser.add_argument("--programs", default=pathlib.Path(__file__).parents[2] / "build/bench/bin",
                        help=argparse.SUPPRESS)
    options = parser.parse_args()
    # As after an interrupt, what was started is ended and what was made is removed.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))

    results, about = Results(), machine()
    if options.what in ("watch", "all"):
        run_watch(results, options.programs, options)
    for kind in ("messages", "supervision"):
        if options.what in (kind, "all"):
            run_program(kind, results, options.programs, options)

    print(f"{about['cpus']} x {about['model']}, Linux {about['kernel']}, "
          f"load {about['load_at_start']:.1f} at the start")
    print(f"ratio: to {' or '.join(REFERENCES.values())}. "
          "!: missed something or did not get done, so the times are worth little.\n")
    print(results.table())
    for note in results.notes:
        print(f"note: {note}")
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump({"machine": about, "rows": results.rows()}, file, indent=1)
            file.write("\n")
    return 1 if results.wrongs("actors") or results.wrongs("actors-settled") else 0


if __name__ == "__main__":
    sys.exit(main())
