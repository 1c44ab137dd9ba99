"""Runs watchers on the workloads, one at a time and in turns, and measures them."""

import dataclasses
import random
import tempfile

import contestants
from course import MEMORY_FILES, Course
from watcher import ContestantFailed
from workloads import workloads


def measure(options, rounds, seed, report, note):
    """Runs everyone on everything, round by round; calls report(workload, who, figures) after each."""
    names, only = (set(filter(None, (given or "").split(","))) for given in (options.who, options.only))
    everyone = _chosen(contestants.everyone(options.programs, names, note), names, "contestant")
    work = _chosen(workloads(options.quick, options.large or "start1m" in only), only, "file workload")
    with tempfile.TemporaryDirectory(prefix="actors-bench-", dir="/dev/shm") as scratch:
        bases = {}
        for number in range(rounds):
            for workload in work:
                if number < workload.rounds_max:
                    _run_all(everyone, workload, number, _Runner(options.programs, scratch, seed + number, bases),
                             random.Random(f"{seed} {number} {workload.name}"), report)


def _chosen(things, names, what):
    """Those of the names; all when none is given."""
    if unknown := names - {thing.name for thing in things}:
        raise SystemExit(f"tools/bench: no such {what} here: {', '.join(sorted(unknown))} "
                         f"(there are {', '.join(thing.name for thing in things)})")
    return [thing for thing in things if not names or thing.name in names]


def _run_all(everyone, workload, number, runner, dice, report):
    starters = [who for who in everyone if workload.takes(who)]
    if workload.with_nobody:
        starters.append(None)
    dice.shuffle(starters)
    for who in starters:
        try:
            figures = runner.run(workload, who)
        except ContestantFailed as failure:
            figures = {"failed": 1, "note": str(failure)}
        report(workload.name, who.name if who else "nobody", figures)


class _Runner:
    def __init__(self, programs, scratch, seed, bases):
        self._programs, self._scratch, self._seed, self._bases = programs, scratch, seed, bases

    def run(self, workload, who):
        if workload.kind == "memory":
            return self._memory(workload, who)
        figures = self._course(workload).run(who)
        if workload.kind == "start":
            figures["rss_base_mib"] = self._base(workload, who)
        return figures

    def _course(self, workload):
        return Course(self._programs, self._scratch, workload, self._seed)

    def _base(self, workload, who):
        """Measured once for each."""
        if who.name not in self._bases:
            self._bases[who.name] = self._course(workload).base_rss_mib(who)
        return self._bases[who.name]

    def _memory(self, workload, who):
        """From two trees of the same directories, with no files and with some in each."""
        base = self._base(workload, who)
        bare, full = (self._course(dataclasses.replace(workload, setup_options=("-f", str(files)))).run(who)
                      for files in (0, MEMORY_FILES))
        mib = 1024 * 1024
        figures = {"rss_base_mib": base,
                   "bytes_per_directory": mib * (bare["rss_mib"] - base) / workload.count,
                   "bytes_per_file": mib * (full["rss_mib"] - bare["rss_mib"]) / workload.count / MEMORY_FILES}
        for trouble in ("missed", "seq_gaps", "overflows"):
            figures[trouble] = bare[trouble] + full[trouble]
        notes = [one["note"] for one in (bare, full) if "note" in one]
        return figures | ({"note": "; ".join(notes)} if notes else {})
