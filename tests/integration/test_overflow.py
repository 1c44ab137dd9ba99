#!/usr/bin/env python3
"""More happens than the kernel's queue, the mailboxes and the pipe can hold: it is told all the same,
and memory stays bounded."""

import os
import shutil
import signal
import unittest

from harness import TreeTest, Watch, check_end, write

MEMORY_MAX_KIB = 150 * 1024
FOLDERS = 20


class Overflow(TreeTest):
    def prepare(self):
        """2,000 files that will be deleted, and some that will be renamed and written."""
        for i in range(FOLDERS):
            os.makedirs(self.path("old%d" % i, "below"))
            for k in range(100):
                write(self.path("old%d" % i, "doomed%d" % k))
        for k in range(50):
            write(self.path("old0", "below", "renamed%d" % k))
            write(self.path("old1", "below", "written%d" % k))

    def change(self, creates):
        for k in range(creates // 2):  # fills the kernel's queue: what follows is not in it
            write(self.path("old%d" % (k % FOLDERS), "new%d" % k))
        for i in range(FOLDERS):
            for k in range(100):
                os.unlink(self.path("old%d" % i, "doomed%d" % k))
        for k in range(50):
            os.rename(self.path("old0", "below", "renamed%d" % k), self.path("old1", "moved%d" % k))
            write(self.path("old1", "below", "written%d" % k), "longer")
        os.rename(self.path("old2"), self.path("old3", "below", "old2"))  # with 100s of files
        os.rename(self.path("old4"), self.path("a-new-name"))
        shutil.rmtree(self.path("old5"))
        os.makedirs(self.path("deep", "a", "b", "c"))
        for k in range(creates // 2):
            write(self.path("deep", "a", "b", "c", "new%d" % k))

    def check(self, settle):
        self.prepare()
        with Watch(self.root, settle=settle) as watch:
            watch.send(signal.SIGSTOP)
            try:
                self.change(18_000)
            finally:
                watch.send(signal.SIGCONT)
            watch.wait_record("overflow", self.root)
            recovered = watch.wait_record("recovered", self.root, deadline=40)
            self.assertGreater(recovered["changes"], 10_000)
            self.assertLess(watch.memory_peak_kib(), MEMORY_MAX_KIB)
            check_end(self, watch)
            types = [x.type for x in watch.records if x.type in ("overflow", "recovered")]
            self.assertEqual(types, ["overflow", "recovered"] * (len(types) // 2))
            self.assertIn("event=queue_overflow", watch.log)
            renames = [x for x in watch.told() if x[0] == "rename"]
            self.assertIn(("rename", "a-new-name", "old4"), renames)
            self.assertIn(("rename", "old3/below/old2", "old2"), renames)

    def test_a_stopped_process_catches_up(self):
        self.check("0")

    def test_a_stopped_process_catches_up_with_settle(self):
        self.check("100ms")

    def check_slow_reader(self, settle):
        self.prepare()
        with Watch(self.root, settle=settle) as watch:
            watch.may_read.clear()
            self.change(12_000)
            for k in range(5_000):
                write(self.path("deep", "a", "b", "c", "new%d" % k), "longer")
                if k % 2:
                    os.unlink(self.path("deep", "a", "b", "c", "new%d" % k))
            peak_held = watch.memory_peak_kib()
            count = watch.mark()
            self.assertLess(count, 5_000)  # the pipe was full, the rest was held
            watch.may_read.set()
            watch.wait_quiet(deadline=60)
            watch.wait_equal(60)
            self.assertLess(max(peak_held, watch.memory_peak_kib()), MEMORY_MAX_KIB)
            health = watch.status()
            self.assertEqual(health["totals"]["dropped"], 0)
            check_end(self, watch)

    def test_a_slow_reader_loses_nothing(self):
        self.check_slow_reader("0")

    def test_a_slow_reader_loses_nothing_with_settle(self):
        self.check_slow_reader("50ms")

    def test_a_stop_while_what_was_lost_is_looked_for_loses_nothing(self):
        self.prepare()
        with Watch(self.root, settle="0") as watch:
            watch.send(signal.SIGSTOP)
            self.change(18_000)
            watch.send(signal.SIGTERM)
            watch.send(signal.SIGCONT)
            self.assertEqual(watch.wait_exit(30), 0, watch.describe())
            self.assertEqual(watch.faults()[:20], [], watch.describe())


if __name__ == "__main__":
    unittest.main()
