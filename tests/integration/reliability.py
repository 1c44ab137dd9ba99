#!/usr/bin/env python3
"""A life of some minutes: watchers on all backends that link over TLS to a collector, which forwards
to another, while writers change their trees and a seed decides who is killed, stopped, crashed, short
of disk, or given another wall clock. Every chapter ends in peace: then the store at the top, replayed, must be the disk, each
stream must be there once and without a gap; who was not killed must not have grown.

Prints a line a chapter, and a verdict with the seed."""

import argparse
import contextlib
import glob
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import time

from harness import (HERE, Timeout, backends, finish_storm, remove_tree, start_storm, temporary_directory, why_not)
from nodes import Collector, Watcher, make_certificates, on_disk, replayed

CHAPTER_SECONDS = 20

# Stopped for longer than the deadline of links, sometimes.
FREEZES = (0.2, 1, 3, 12)

# Until all is told: a link may wait 30 s for its next dial, and what a spool kept comes after that.
PEACE_DEADLINE = 120

OPERATIONS = 150

# Of those that live through it. Allocators keep what a storm needed, once; a leak goes on.
GROWTH_MAX_KIB = 16 * 1024
DESCRIPTORS_MORE_MAX = 8
THREADS_MORE_MAX = 3

# Wall clocks that are wrong, each of one process; certificates are good from an hour before they were made.
CLOCKS = ("+0", "-45m", "+6h", "+40d")
FAKETIME = next(iter(glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")), None)

FAULTS = ("watcher.look:throw@%d", "watcher.emit:throw@%d", "watcher.read:throw@%d")


class Clock:
    """The wall clock of one process, which may be set while that runs. Spans are not touched."""

    def __init__(self, home, name):
        self.file = os.path.join(home, name + ".clock")
        self.env = {}
        self.set("+0")
        if FAKETIME:
            self.env = {"LD_PRELOAD": FAKETIME, "FAKETIME_TIMESTAMP_FILE": self.file, "FAKETIME_CACHE_DURATION": "1",
                        "FAKETIME_DONT_FAKE_MONOTONIC": "1", "NO_FAKE_STAT": "1"}

    def set(self, offset):
        with open(self.file + ".new", "w") as file:
            file.write(offset + "\n")
        os.rename(self.file + ".new", self.file)


class Place:
    """Where stores and spools are: on a file system of its own that can be filled, for root."""

    def __init__(self, home):
        self.path = os.path.join(home, "disk")
        self.ballast = os.path.join(self.path, "ballast")
        os.mkdir(self.path)
        self.is_small = os.geteuid() == 0 and subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=512m", "tmpfs", self.path],
            stderr=subprocess.DEVNULL).returncode == 0

    def fill(self):
        """All but nothing."""
        with contextlib.suppress(OSError), open(self.ballast, "wb") as file:
            block = b"x" * (1 << 20)
            while True:
                file.write(block)
                file.flush()

    def empty(self):
        with contextlib.suppress(OSError):
            os.unlink(self.ballast)

    def close(self):
        if self.is_small:
            subprocess.run(["umount", "-l", self.path], check=False)


class Vitals:
    """What a process that is never killed costs, chapter by chapter."""

    def __init__(self, process):
        self.process, self.rows = process, []

    def slope(self):
        """Of its memory after the first chapter."""
        sizes = [row[0] for row in self.rows[1:]]
        return (sizes[-1] - sizes[0]) / (len(sizes) - 1) if len(sizes) > 1 else 0.0

    def note(self):
        pid = self.process.pid
        self.rows.append((self.process.resident_kib(), self.process.descriptors(),
                          len(os.listdir("/proc/%d/task" % pid))))

    def faults(self):
        if len(self.rows) < 3:
            return []
        first, last = self.rows[1], self.rows[-1]  # the first chapter warms up
        limits = (GROWTH_MAX_KIB, DESCRIPTORS_MORE_MAX, THREADS_MORE_MAX)
        return ["%s: %s went from %d to %d" % (self.process.name, what, before, after)
                for what, before, after, limit in zip(("KiB", "descriptors", "threads"), first, last, limits)
                if after - before > limit]


class Life:
    def __init__(self, seed, wanted):
        self.seed, self.rng = seed, random.Random(seed)
        self.home = temporary_directory()
        self.place = Place(self.home)
        self.leaves, self.storms, self.told, self.clocks = [], 0, [], {}
        pki = os.path.join(self.home, "pki")
        make_certificates(pki, "collector", "127.0.0.1", *["leaf-%s" % x for x in wanted])
        self.top = Collector(self.home, "top", pki, options=("--store-max", "4096"), shows="127.0.0.1",
                             env=self.clock_of("top"))
        self.middle = Collector(self.home, "middle", pki, options=("--forward", self.top.address),
                                env=self.clock_of("middle"))
        for backend in wanted:
            root = os.path.join(self.home, "root-" + backend)
            os.makedirs(os.path.join(self.home, "outside-" + backend))
            os.mkdir(root)
            leaf = Watcher(self.home, root, self.middle, name="leaf-" + backend,
                           spool=os.path.join(self.place.path, backend + ".spool"),
                           options=("--state", os.path.join(self.home, backend + ".state")), backend=backend,
                           env=self.clock_of("leaf-" + backend))
            leaf.backend = backend
            leaf.wait_log("event=child_ready [^\n]*child=watch/watcher")  # what was there before is not told
            self.leaves.append(leaf)
        self.vitals = [Vitals(self.top)]

    def clock_of(self, name):
        """What a process needs to live by it."""
        self.clocks[name] = Clock(self.home, name)
        return self.clocks[name].env

    def keep_evidence(self):
        """Where it is kept."""
        kept = os.path.abspath(os.path.join(HERE, "../../build/soak/life-%d" % self.seed))
        shutil.rmtree(kept, ignore_errors=True)
        os.makedirs(kept)
        for each in (*self.leaves, self.middle, self.top):
            shutil.copy(each.log_file, kept)
        with self.top.connect() as store, contextlib.closing(sqlite3.connect(kept + "/top.db")) as copy:
            store.backup(copy)
        return kept

    def close(self):
        for each in (*self.leaves, self.middle, self.top):
            with contextlib.suppress(ProcessLookupError):
                each.thaw()
            each.kill()
        self.place.close()
        remove_tree(self.home)

    # -- what happens ----------------------------------------------------------------------------------

    def storm(self, leaf):
        self.storms += 1
        outside = os.path.join(self.home, "outside-" + leaf.backend)
        return start_storm(leaf.root, outside, self.seed * 1000 + self.storms, OPERATIONS, "s%d" % self.storms)

    def misfortune(self):
        """One of them; what it was."""
        victim = self.rng.choice([*self.leaves, self.middle, self.middle, self.top])
        what = self.rng.choice(["kill", "freeze", "crash", "fill", "clock"])
        if what == "fill" and self.place.is_small:
            self.place.fill()
            time.sleep(self.rng.choice((0.5, 2)))
            self.place.empty()
            return "disk full"
        if what == "clock" and FAKETIME:
            offset = self.rng.choice(CLOCKS)
            self.clocks[victim.name].set(offset)
            return "%s: its clock is %s" % (victim.name, offset)
        if what == "crash" and victim in self.leaves:
            victim.env["ACTORS_FAULT"] = self.rng.choice(FAULTS) % self.rng.randrange(2, 60)
            victim.env["ACTORS_FAULT_BACKOFF"] = "10ms"
            victim.restart()
            return "%s will crash (%s)" % (victim.name, victim.env.pop("ACTORS_FAULT"))
        if what == "kill" and victim is not self.top:
            victim.restart()
            return "%s killed" % victim.name
        seconds = self.rng.choice(FREEZES)
        victim.freeze()
        time.sleep(seconds)
        victim.thaw()
        return "%s stopped for %g s" % (victim.name, seconds)

    def chapter(self):
        """What happened; raises AssertionError when a promise is broken."""
        self.told = told = []
        until = time.monotonic() + CHAPTER_SECONDS
        while time.monotonic() < until:
            writers = [self.storm(x) for x in self.leaves]
            told.append(self.misfortune())
            finish_storm(*writers, deadline=120)
        self.peace()
        for each in self.vitals:
            each.note()
        return told

    # -- what must be ----------------------------------------------------------------------------------

    def peace(self):
        until = time.monotonic() + PEACE_DEADLINE
        for leaf in self.leaves:
            while difference := self.difference(leaf):
                if time.monotonic() > until:
                    raise Timeout("%s: the store and the disk differ:\n%s\n%s\n%s\n%s" % (
                        leaf.name, "\n".join(map(repr, difference[:20])), leaf.log[-2000:],
                        self.middle.log[-2000:], self.top.log[-2000:]))
                time.sleep(0.5)
        for collector in (self.middle, self.top):
            if faults := collector.faults():
                raise AssertionError("%s: %s" % (collector.name, "; ".join(faults)))

    def difference(self, leaf):
        mind = set(replayed(self.top, leaf.name, leaf.root).items())
        disk = set(on_disk(leaf.root).items())
        return [("only stored", *x) for x in sorted(mind - disk, key=repr)] + [
            ("only on the disk", *x) for x in sorted(disk - mind, key=repr)]


def arguments():
    parser = argparse.ArgumentParser(prog="tools/soak", description=__doc__)
    parser.add_argument("--minutes", type=float, required=True)
    parser.add_argument("--seed", type=int, default=int(time.time()) % 100_000)
    parser.add_argument("--backend", metavar="B,...", help="default: all that can run here")
    asked = parser.parse_args()
    asked.backends = asked.backend.split(",") if asked.backend else backends()
    for backend in asked.backends:
        if reason := why_not(backend):
            parser.error("%s: %s" % (backend, reason))
    return asked


def main():
    asked = arguments()
    until, chapters = time.monotonic() + asked.minutes * 60, 0
    life = Life(asked.seed, asked.backends)
    print("seed %d on %s, %s full disks, %s wrong clocks" % (
        asked.seed, ", ".join(asked.backends), "with" if life.place.is_small else "without",
        "with" if FAKETIME else "without"), flush=True)
    faults = []
    try:
        while time.monotonic() < until and not faults:
            begin = time.monotonic()
            try:
                told = life.chapter()
            except AssertionError as x:
                faults += [", ".join(life.told), str(x), "evidence: " + life.keep_evidence()]
                break
            chapters += 1
            records = sum(row[0] for row in life.top.streams().values())
            print("chapter %d, %.0f s: %d records stored, top %d KiB; %s" % (
                chapters, time.monotonic() - begin, records, life.vitals[0].rows[-1][0], ", ".join(told)),
                flush=True)
        faults += [x for each in life.vitals for x in each.faults()]
    finally:
        life.close()
    print("memory of the top collector: %+.1f KiB a chapter" % life.vitals[0].slope())
    print("seed %d, %d chapters: %s" % (asked.seed, chapters, "FAILED\n" + "\n".join(faults) if faults else "ok"))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
