"""What the bench makes of the lines of each watcher: its verdict of what was missed stands on that."""

import os
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True

from stream_belief import Belief, Storm
from stream_formats import read_fswatch, read_inotifywait, read_json, read_plain, read_watchman


class Formats(unittest.TestCase):
    def test_a_rename_of_actors_is_one_record_with_the_old_path(self):
        line = b'{"seq":3,"type":"rename","path":"/r/b","from":"/r/a"}'
        self.assertEqual(read_json(line), [("exists", "/r/b", "/r/a")])

    def test_what_is_no_change_says_nothing(self):
        self.assertEqual(read_json(b'{"seq":1,"type":"ready","root":"/r"}'), [])
        self.assertEqual(read_plain(b"READY"), [])
        self.assertEqual(read_watchman(b'{"version":"4.9.0","subscribe":"bench"}'), [])

    def test_a_new_baseline_is_told_from_an_overflow(self):
        self.assertEqual(read_json(b'{"type":"overflow"}')[0][0], "overflow")
        self.assertEqual(read_json(b'{"seq":9,"type":"overflow","root":"/r","baseline":true}')[0][0], "baseline")

    def test_a_path_may_have_spaces(self):
        self.assertEqual(read_inotifywait(b"CREATE,ISDIR /r/a b"), [("exists", "/r/a b", None)])
        self.assertEqual(read_fswatch(b"/r/a b Updated,IsFile"), [("changed", "/r/a b", None)])
        self.assertEqual(read_plain(b"gone /r/a b"), [("gone", "/r/a b", None)])

    def test_who_tells_of_birth_and_death_in_one_line_asks_for_a_look(self):
        self.assertEqual(read_fswatch(b"/r/a Created,Removed"), [("look", "/r/a", None)])

    def test_a_batch_of_watchman_is_a_record_a_file(self):
        line = b'{"root":"/r","files":[{"name":"a","exists":false,"new":false},{"name":"b","exists":true,"new":true}]}'
        self.assertEqual(read_watchman(line), [("gone", "/r/a", None), ("exists", "/r/b", None)])


class Beliefs(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.root = directory.name
        with open(f"{self.root}/there", "wb"):
            pass
        # `there` was made at 10 and written at 20; `gone` was made at 30 and removed at 40.
        self.storm = Storm(4, 0, 1.0, [("C", 10, 11, "there", None), ("M", 20, 21, "there", None),
                                       ("C", 30, 31, "gone", None), ("D", 40, 41, "gone", None)])

    def missed(self, *lines, known=()):
        belief = Belief(self.root, [f"{self.root}/{name}" for name in known])
        belief.follow(((time, f"{kind} {self.root}/{name}".encode()) for time, kind, name in lines),
                      lambda line: [(*line.decode().split(" "), None)])
        return belief.missed(self.storm)

    def test_who_was_told_of_the_last_changes_is_right(self):
        self.assertEqual(self.missed((25, "changed", "there"), (32, "exists", "gone"), (42, "gone", "gone")),
                         {"unseen": 0, "ghost": 0, "stale": 0})

    def test_what_came_and_went_need_not_be_told(self):
        self.assertEqual(self.missed((25, "exists", "there")), {"unseen": 0, "ghost": 0, "stale": 0})

    def test_unseen_ghost_and_stale(self):
        self.assertEqual(self.missed((32, "exists", "gone")), {"unseen": 1, "ghost": 1, "stale": 0})
        self.assertEqual(self.missed((12, "exists", "there")), {"unseen": 0, "ghost": 0, "stale": 1})
        self.assertEqual(self.missed(known=("there", "gone")), {"unseen": 0, "ghost": 1, "stale": 1})

    def test_a_look_after_the_last_change_finds_what_is_so(self):
        self.assertEqual(self.missed((25, "look", "there"), (45, "look", "gone"), known=("gone",)),
                         {"unseen": 0, "ghost": 0, "stale": 0})

    def test_a_look_before_the_last_change_does_not_count(self):
        self.assertEqual(self.missed((15, "look", "there"), (35, "look", "gone"), known=("there", "gone")),
                         {"unseen": 0, "ghost": 1, "stale": 1})

    def test_probes_are_no_part_of_it(self):
        self.assertEqual(self.missed((25, "exists", "there"), (26, "exists", ".probe-0-1")),
                         {"unseen": 0, "ghost": 0, "stale": 0})


if __name__ == "__main__":
    unittest.main()
