#!/usr/bin/env python3
"""What is asked for wrongly is refused: the exit code of sysexits.h, nothing on standard output, one
line on standard error that says what is wrong and what to do."""

import os
import unittest

from harness import (AS_NOBODY, can_be_nobody, program_for_nobody, remove_tree, run_program,
                     temporary_directory, write)
import subprocess


class Input(unittest.TestCase):
    def setUp(self):
        self.home = temporary_directory()
        self.addCleanup(remove_tree, self.home)
        self.root = os.path.join(self.home, "root")
        os.mkdir(self.root)

    def check(self, code, says, *arguments, env=None):
        done = run_program(*arguments, env={"XDG_RUNTIME_DIR": self.home, **(env or {})}, deadline=10)
        self.check_answer(done, code, says)

    def check_answer(self, done, code, says):
        self.assertEqual((done.returncode, done.stdout), (code, ""), done.stderr)
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        self.assertTrue(done.stderr.endswith("\n"), done.stderr)
        self.assertTrue(done.stderr.startswith("actors: "), done.stderr)
        for text in says:
            self.assertIn(text, done.stderr)

    def test_no_verb(self):
        self.check(64, ["--help"])

    def test_an_unknown_verb(self):
        self.check(64, ["--help"], "wacht", self.root)

    def test_no_path(self):
        self.check(64, ["PATH", "--help"], "watch")

    def test_an_unknown_option(self):
        self.check(64, ["--setle", "--help"], "watch", self.root, "--setle", "1s")

    def test_durations(self):
        for option in ("--settle", "--max-wait", "--timeout", "--poll-interval"):
            for text in ("5x", "-1s", "1.5s", "s", "1 s", "99999999999999999999s"):
                with self.subTest(option=option, text=text):
                    self.check(64, [option, '"%s"' % text, "250ms"], "watch", self.root,
                               "%s=%s" % (option, text))

    def test_an_unknown_format(self):
        self.check(64, ["--format", "text"], "watch", self.root, "--format", "xml")

    def test_a_path_that_does_not_exist(self):
        path = os.path.join(self.home, "nothing")
        self.check(66, [path, "does not exist", "create it"], "watch", path)

    def test_a_path_through_a_file(self):
        path = os.path.join(self.home, "file")
        write(path)
        self.check(66, [path + "/below", "not a directory"], "watch", path + "/below")

    def test_one_bad_path_among_good_ones(self):
        path = os.path.join(self.home, "nothing")
        self.check(66, [path], "watch", self.root, path)

    def test_the_message_is_one_line_whatever_the_path(self):
        self.check(66, ["does not exist"], "watch", os.path.join(self.home, "a\nb\x1b[2J"))

    def test_a_settle_longer_than_the_longest_wait(self):
        self.check(64, [], "watch", self.root, "--settle", "2s", "--max-wait", "1s")

    def test_a_fault_that_is_not_understood(self):
        self.check(64, ["watcher:explode", "throw@N"], "watch", self.root,
                   env={"ACTORS_FAULT": "watcher:explode"})

    def test_a_socket_that_cannot_be_made(self):
        done = run_program("watch", self.root, "--admin", self.home + "/nothing/s", deadline=10)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        self.assertIn(self.home + "/nothing/s", done.stderr)

    @unittest.skipUnless(can_be_nobody(), "needs root and setpriv")
    def test_a_directory_that_may_not_be_read(self):
        program = program_for_nobody(self.home)
        for mode, where in ((0o700, ""), (0o700, "/below")):
            os.makedirs(self.root + "/below", exist_ok=True)
            os.chmod(self.root, mode)
            done = subprocess.run([*AS_NOBODY, program, "watch", self.root + where],
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=10,
                                  encoding="utf-8", env={**os.environ, "XDG_RUNTIME_DIR": self.home})
            self.check_answer(done, 77, [self.root + where, "change its mode"])

    def test_status_without_a_node(self):
        self.check(1, ["no running node", "--admin"], "status")

    def test_status_of_a_socket_that_is_not_there(self):
        done = run_program("status", "--admin", self.home + "/none.sock", deadline=10)
        self.assertNotEqual(done.returncode, 0)
        self.assertEqual((done.stdout, done.stderr.count("\n")), ("", 1), done.stderr)
        self.assertIn("none.sock", done.stderr)

    def test_help_and_version(self):
        for arguments, text in ((["--help"], "watch"), (["watch", "--help"], "--settle"),
                                (["status", "--help"], "--json"), (["--version"], "actors ")):
            done = run_program(*arguments, deadline=10)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertIn(text, done.stdout)


if __name__ == "__main__":
    unittest.main()
