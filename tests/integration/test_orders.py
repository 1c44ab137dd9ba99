"""Orders to a program that runs: paths that come and go, and orders for nodes that are elsewhere."""

import json
import os
import signal
import unittest

from harness import Watch, remove_tree, run_program, temporary_directory, wait_until, write


class Orders(unittest.TestCase):
    def setUp(self):
        self.home = temporary_directory()
        self.addCleanup(remove_tree, self.home)
        self.file = os.path.join(self.home, "config.json")
        self.admin = os.path.join(self.home, "admin.sock")
        self.root = self.directory("root")
        self.other = self.directory("o ther")
        self.write()

    def write(self, **watch):
        write(self.file, json.dumps({
            "node": {"admin": "unix:" + self.admin},
            "pipelines": [{"name": "src",
                           "watch": {"paths": [self.root], "backend": "inotify", **watch},
                           "debounce": {"quiet_ms": 0}, "emit": [{"to": "stdout"}]}]}))

    def directory(self, name):
        path = os.path.join(self.home, name)
        os.mkdir(path)
        return path

    def start(self):
        program = Watch(self.root, command=["run", "--config", self.file])
        program.admin = self.admin
        self.addCleanup(program.close)
        return program

    def order(self, *words, **more):
        return run_program(*words, "--admin", self.admin, **more)

    def tells(self, program, path):
        wait_until(lambda: any(x.path == os.fsencode(path) for x in program.changes()),
                   what="a record of " + path)

    def is_ready(self, program, root, times):
        """What is there before its root is ready is not told."""
        wait_until(lambda: sum(x.type == "ready" and x.get("root") == root for x in program.records) == times,
                   what="ready for " + root)

    def test_a_path_is_watched_from_now_on_and_then_no_more(self):
        program = self.start()
        done = self.order("add", "src", self.other)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(done.stdout, "pipeline src: restarted: watch changed\n"
                         "it counts until the configuration is read again: change it there to keep it\n")
        self.is_ready(program, self.other, 1)
        new = os.path.join(self.other, "new")
        write(new)
        self.tells(program, new)
        again = self.order("add", "src", "o ther/", cwd=self.home)
        self.assertEqual(again.returncode, 1)
        self.assertIn("it watches " + self.other + " already", again.stderr)
        self.assertEqual(self.order("remove", "src", self.other).returncode, 0)
        self.assertIn("does not watch", self.order("remove", "src", self.other).stderr)
        self.assertIn("is the last path", self.order("remove", "src", self.root).stderr)
        self.is_ready(program, self.root, 3)
        here = os.path.join(self.root, "here")
        write(here)
        self.tells(program, here)  # the program runs on, its pipeline having ended three times
        self.assertEqual(program.stop(signal.SIGTERM), 0)

    def test_the_next_reload_says_anew_what_is_watched(self):
        self.start()
        self.assertEqual(self.order("add", "src", self.other).returncode, 0)
        done = self.order("reload")
        self.assertEqual((done.returncode, done.stdout), (0, "pipeline src: restarted: watch changed\n"))
        self.assertIn("does not watch", self.order("remove", "src", self.other).stderr)

    def test_what_cannot_be_is_told_and_changes_nothing(self):
        self.start()
        for words, code, text in ((("add", "none", self.other), 64, "there is no pipeline none"),
                                  (("add", "src", self.other + "/none"), 1, "does not exist"),
                                  (("add", "src"), 64, "PATH"), (("remove",), 64, "PIPELINE")):
            done = self.order(*words)
            self.assertEqual((done.returncode, done.stdout), (code, ""), done.stderr)
            self.assertIn(text, done.stderr)

    def test_a_state_file_is_of_one_root(self):
        self.write(state=os.path.join(self.home, "state"))
        program = self.start()
        done = self.order("add", "src", self.other)
        self.assertEqual(done.returncode, 1)
        self.assertIn("state", done.stderr)
        self.assertEqual(sum(x.type == "ready" for x in program.records), 1)  # it was not disturbed

    def test_what_a_command_line_watches_is_not_changed(self):
        watch = Watch(self.root)
        self.addCleanup(watch.close)
        done = run_program("add", "watch", self.other, "--admin", watch.admin)
        self.assertEqual(done.returncode, 1)
        self.assertIn("it comes of no configuration", done.stderr)

    def test_a_node_that_collects_nothing_knows_no_other(self):
        self.start()
        for words in (("status",), ("tree",), ("top", "--once"), ("events",), ("reset", "src/stdout"),
                      ("reload",), ("stop",), ("stop", "--wait"), ("add", "src", "/tmp"),
                      ("remove", "src", "/tmp")):
            done = self.order(*words, "--node", "leaf")
            self.assertEqual((done.returncode, done.stdout), (64, ""), (words, done.stderr))
            self.assertIn("(node leaf): this node collects nothing", done.stderr)
        for name in ("mid//leaf", "/leaf", "leaf/"):
            done = self.order("status", "--node", name)
            self.assertEqual(done.returncode, 64)
            self.assertIn("is no node", done.stderr)
        done = self.order("add", "src", "tmp", "--node", "leaf")
        self.assertEqual(done.returncode, 64)
        self.assertIn("begins with a slash", done.stderr)
        self.assertEqual(self.order("status").returncode, 0)


if __name__ == "__main__":
    unittest.main()
