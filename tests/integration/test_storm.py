#!/usr/bin/env python3
"""Two writers change a tree at random, as fast as they can: what was told, replayed on the tree at
`ready`, is the disk; no create twice, no unknown delete, no false rename, no gap. The seeds are spread
over the backends that can run here; more of them are for tools/soak."""

import os
import unittest

from harness import TreeTest, Watch, backends, check_end, finish_storm, start_storm

OPERATIONS = 3_000

# Less than any run had: what came and went between two looks of a poll is never seen.
CHANGES_MIN = {"inotify": 500, "fanotify": 500, "poll": 100}


class Storms(TreeTest):
    def setUp(self):
        super().setUp()
        self.outside = os.path.join(self.home, "outside")
        os.mkdir(self.outside)

    def check(self, seed, settle):
        able = backends()
        if not able:
            self.skipTest("no backend can run here")
        backend = able[seed // 2 % len(able)]
        finish_storm(start_storm(self.root, self.outside, seed, 200, "before"))
        with Watch(self.root, settle=settle, backend=backend) as watch:
            finish_storm(start_storm(self.root, self.outside, seed, OPERATIONS, "a"),
                         start_storm(self.root, self.outside, seed, OPERATIONS, "b"))
            check_end(self, watch)
            self.assertGreater(len(watch.changes()), CHANGES_MIN[backend])  # it was a storm


def _add_seeds():
    for seed in range(1, 13):
        settle = "0" if seed % 2 else "100ms"
        name = "test_replay_equals_disk_with_seed_%d_and_settle_%s" % (seed, settle)
        setattr(Storms, name, lambda self, a=seed, b=settle: self.check(a, b))


_add_seeds()

if __name__ == "__main__":
    unittest.main()
