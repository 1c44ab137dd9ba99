#!/usr/bin/env python3
"""Storms by seed: writers change a tree at random while the program watches, is stopped, and crashes.
Everything but the writers' interleaving follows from the seed. What was told, replayed, must be the
disk.

Each seed ends in one line. The evidence of one that failed is kept: build/soak/BACKEND-SEED/."""

import argparse
import concurrent.futures
import json
import os
import random
import re
import shutil
import signal
import sys
import time
import traceback
import unittest

from harness import (BACKENDS, BINARY, HERE, Watch, backends, check_end, finish_storm, remove_tree,
                     start_storm, temporary_directory, why_not, write)

EVIDENCE = os.path.abspath(os.path.join(HERE, "../../build/soak"))

SETTLES = ("0", "0", "20ms", "100ms", "300ms")
STALL_EVERY = 5
CRASH_EVERY = 7

# Three events each: more than the kernel's queue holds (fs.inotify.max_queued_events is 16,384).
STALL_FILES = 12_000

# What a seed may need, on a machine that does something else meanwhile.
DEADLINE = 60

FAULTS = {"debouncer": ("on_batch", "on_timer"), "emitter": ("offer",),
          "watcher": ("read", "look", "scan", "emit", "wait")}


class Plan:
    """What a seed stands for."""

    def __init__(self, seed, backend, writers=2, operations=1500, exchange=False):
        rng = random.Random("plan %d" % seed)
        self.seed, self.backend, self.writers, self.operations = seed, backend, writers, operations
        self.exchange = ["exchange"] if exchange else []
        self.settle = rng.choice(SETTLES)
        self.is_stalled = seed % STALL_EVERY == 0
        self.fault = self._fault(rng) if seed % CRASH_EVERY == 0 else None

    def _fault(self, rng):
        child = rng.choice([x for x in FAULTS if x != "debouncer" or self.settle != "0"])
        return "%s.%s:throw@%d" % (child, rng.choice(FAULTS[child]), rng.randrange(1, 30))

    def env(self):
        return {"ACTORS_FAULT": self.fault, "ACTORS_FAULT_BACKOFF": "10ms"} if self.fault else {}

    def __str__(self):
        return "seed %d %s settle %s %d x %d%s%s" % (
            self.seed, self.backend, self.settle, self.writers, self.operations,
            " stalled" if self.is_stalled else "", " " + self.fault if self.fault else "")


class Storm:
    """A plan, carried out in a directory of its own."""

    def __init__(self, plan):
        self.plan = plan
        self.home = temporary_directory()
        self.root = os.path.join(self.home, "root")
        self.outside = os.path.join(self.home, "outside")
        self.many = os.path.join(self.root, ".many")  # storm.py leaves such names alone
        os.mkdir(self.root)
        os.mkdir(self.outside)
        self.watch = None

    def close(self):
        remove_tree(self.home)

    def run(self):
        """Raises AssertionError when a promise is broken."""
        plan = self.plan
        finish_storm(start_storm(self.root, self.outside, plan.seed, 200, "before"))
        if plan.is_stalled:
            os.mkdir(self.many)  # watched when it is filled
        with Watch(self.root, settle=plan.settle, backend=plan.backend, env=plan.env()) as self.watch:
            if plan.is_stalled:
                self.watch.send(signal.SIGSTOP)
            try:
                if plan.is_stalled:
                    self._fill()
                finish_storm(*[start_storm(self.root, self.outside, plan.seed, plan.operations,
                                           "w%d" % x, *plan.exchange) for x in range(plan.writers)],
                             deadline=DEADLINE)
            finally:
                self.watch.send(signal.SIGCONT)
            if plan.is_stalled and plan.backend == "inotify":
                self.watch.wait_record("overflow", self.root, deadline=DEADLINE)
                self.watch.wait_record("recovered", self.root, deadline=DEADLINE)
            self.watch.wait_quiet(deadline=DEADLINE)
            check_end(unittest.TestCase(), self.watch)

    def _fill(self):
        for k in range(STALL_FILES):
            write(os.path.join(self.many, "f%d" % k))

    def summary(self):
        if self.watch is None:
            return "nothing"
        count = {x: sum(y.type == x for y in self.watch.records) for x in ("overflow", "error")}
        return "%d changes, %d overflows, %d crashes" % (
            len(self.watch.changes()), count["overflow"], self.watch.log.count("event=child_crashed"))

    def keep_evidence(self, directory, reason):
        shutil.rmtree(directory, ignore_errors=True)
        os.makedirs(directory)

        def keep(name, data):
            write(os.path.join(directory, name), data)
        keep("reason.txt", "%s\n%s\n" % (self.plan, reason))
        if self.watch is None:
            return
        keep("command.json", json.dumps({
            "arguments": [os.fsdecode(x) for x in self.watch.arguments], "env": self.plan.env(),
            "again": "tools/soak --from %d --seeds 1 --backend %s --writers %d --operations %d%s" % (
                self.plan.seed, self.plan.backend, self.plan.writers, self.plan.operations,
                " --exchange" if self.plan.exchange else "")}, indent=1) + "\n")
        keep("records.ndjson", b"".join(x.line + b"\n" for x in self.watch.records))
        keep("stderr.txt", self.watch.stderr)
        keep("replay-and-disk.txt", "\n".join(self.watch.faults()) + "\n")


def run_seed(plan):
    """Whether all is well; prints the line."""
    begin, reason, storm = time.monotonic(), None, Storm(plan)
    try:
        try:
            storm.run()
        except Exception:  # whatever it is, the other seeds go on and this one is told
            reason = traceback.format_exc()
            kept = os.path.join(EVIDENCE, "%s-%d" % (plan.backend, plan.seed))
            storm.keep_evidence(kept, reason)
        verdict = "FAILED, see %s" % kept if reason else "ok"
        print("%s: %s, %.1f s: %s" % (plan, storm.summary(), time.monotonic() - begin, verdict),
              flush=True)
    finally:
        storm.close()
    return reason is None


# -- a million -----------------------------------------------------------------------------------------

MILLION = 1_000_000

# The model: 168 bytes a node and a name longer than 15 bytes would come on top (docs/guarantees.md),
# as much again for tables and vectors while they grow; the rest is what 100,000 files need too.
MILLION_MEMORY_MAX_KIB = (2 * MILLION * 168) // 1024 + 100 * 1024


# More than what is read at once.
TAIL = 4 << 20


def run_million(backend):
    """A million files in one directory; whether each was told once, in bounded memory."""
    home, begin = temporary_directory(), time.monotonic()
    try:
        # The lines are not kept as records: those would need some gigabytes here.
        with Watch(home, settle="0", backend=backend, raw=True,
                   options=("--poll-interval", "2s")) as watch:
            watch.wait_for(lambda: b'"type":"ready"' in watch.received, what="ready")
            fd = os.open(home, os.O_RDONLY)
            for k in range(MILLION):
                os.mknod("f%d" % k, dir_fd=fd)
            os.close(fd)
            watch.wait_for(lambda: b'{"seq":%d,' % (MILLION + 1)
                           in watch.received[-TAIL:], 600, "a million creates")
            peak = watch.memory_peak_kib()
            watch.stop(deadline=60)
            output = watch.output
        names = re.findall(rb'"type":"create","path":"[^"]*/f(\d+)"', output)
        seqs = [int(x) for x in re.findall(rb'^\{"seq":(\d+),', output, re.MULTILINE)]
        faults = [text for text, wrong in (
            ("%d creates" % len(names), len(names) != MILLION),
            ("creates of %d names" % len(set(names)), len(set(names)) != MILLION),
            ("a gap in seq", seqs != list(range(1, len(seqs) + 1))),
            ("memory", peak > MILLION_MEMORY_MAX_KIB)) if wrong]
        print("million %s: %d KiB at most (%d allowed), %.1f s: %s" % (
            backend, peak, MILLION_MEMORY_MAX_KIB, time.monotonic() - begin,
            "FAILED: " + ", ".join(faults) if faults else "ok"), flush=True)
        return not faults
    except AssertionError as x:
        print("million %s: FAILED: %s" % (backend, x), flush=True)
        return False
    finally:
        remove_tree(home)


# -- the command ---------------------------------------------------------------------------------------

def arguments():
    parser = argparse.ArgumentParser(prog="tools/soak", description=__doc__.partition("\n\n")[0])
    parser.add_argument("--seeds", type=int, default=100, metavar="N", help="so many (100)")
    parser.add_argument("--from", type=int, default=1, metavar="SEED", dest="first",
                        help="the first one (1)")
    parser.add_argument("--backend", metavar="B,...", help="of %s; default: all that can run here"
                        % ", ".join(BACKENDS))
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="seeds at a time (1)")
    parser.add_argument("--writers", type=int, default=2, metavar="N", help="processes that write (2)")
    parser.add_argument("--operations", type=int, default=1500, metavar="N",
                        help="of each writer (1500)")
    parser.add_argument("--exchange", action="store_true",
                        help="names are also exchanged in one step (RENAME_EXCHANGE)")
    parser.add_argument("--million", action="store_true",
                        help="in place of seeds: a million files in one directory")
    asked = parser.parse_args()
    asked.backends = asked.backend.split(",") if asked.backend else backends()
    for backend in asked.backends:
        reason = why_not(backend) if backend in BACKENDS else "there is no such backend"
        if reason:
            parser.error("%s: %s" % (backend, reason))
    return asked


def main():
    asked = arguments()
    print("watched by %s, on %s" % (BINARY, ", ".join(asked.backends)), flush=True)
    if asked.million:
        return 0 if all([run_million(x) for x in asked.backends]) else 1
    plans = [Plan(seed, backend, asked.writers, asked.operations, asked.exchange)
             for seed in range(asked.first, asked.first + asked.seeds) for backend in asked.backends]
    with concurrent.futures.ThreadPoolExecutor(asked.jobs) as pool:
        results = list(pool.map(run_seed, plans))
    failed = results.count(False)
    print("%d storms, %d failed" % (len(results), failed), flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
