#!/usr/bin/env python3
"""Every stage is crashed in every handler while a storm runs: the crash is logged with its text, the
stage comes back, and nothing is lost, told twice or numbered wrong."""

import os
import re
import subprocess
import time
import unittest

from harness import (BINARY, TreeTest, Watch, check_end, finish_storm, run_program, start_storm,
                     wait_until, write)

SHORT = {"ACTORS_FAULT_BACKOFF": "10ms"}
STORM_OPERATIONS = 300


class CrashTest(TreeTest):
    def setUp(self):
        super().setUp()
        self.outside = os.path.join(self.home, "outside")
        os.mkdir(self.outside)

    def watch(self, fault, backoff="10ms", settle="20ms", **more):
        return Watch(self.root, settle=settle, options=["--max-wait", "100ms"] if settle != "0" else [],
                     env={"ACTORS_FAULT": fault, "ACTORS_FAULT_BACKOFF": backoff}, **more)


class CrashesInAStorm(CrashTest):
    def check(self, child, fault, crashes):
        finish_storm(start_storm(self.root, self.outside, 1, 60, "before"))
        with self.watch(fault) as watch:
            finish_storm(start_storm(self.root, self.outside, 2, STORM_OPERATIONS))
            for i in range(10):  # a handler that is called seldom is called often enough
                if watch.log.count("event=child_crashed") >= crashes:
                    break
                watch.wait_quiet()
            watch.wait_log("event=child_crashed [^\n]*child=watch/%s [^\n]*injected fault" % child,
                           count=crashes)
            wait_until(lambda: watch.child(child)["state"] == "ready", what=child + " is ready")
            health = watch.child(child)
            self.assertGreaterEqual(health["restarts_total"], crashes)
            self.assertIn("injected fault", health["last_error"])
            self.assertEqual(health["dead_letters"], 0)
            check_end(self, watch)
            self.assertEqual(watch.log.count("event=child_crashed"), crashes)


def _add_crashes():
    handlers = {"debouncer": ("on_batch", "on_timer"), "emitter": ("offer",),
                "watcher": ("read", "look", "scan", "emit", "wait")}
    cases = [(child, handler, "%s.%s:throw@%d" % (child, handler, at), 1, "call_%d" % at)
             for child, names in handlers.items() for handler in names for at in (1, 2, 5)]
    # A start is called again only after a crash: n faults of which each counts what the ones before
    # let pass are n starts that fail.
    for child in ("debouncer", "emitter", "watcher"):
        for starts in (1, 2, 5):
            fault = ",".join("%s.on_start:throw@%d" % (child, x + 1) for x in range(starts))
            cases.append((child, "on_start", fault, starts, "%d_times" % starts))
    for child, handler, fault, crashes, name in cases:
        setattr(CrashesInAStorm, "test_%s_crashes_in_%s_%s" % (child, handler, name),
                lambda self, a=child, b=fault, c=crashes: self.check(a, b, c))


_add_crashes()


class WhileTheWatcherIsAway(CrashTest):
    """Crashed, and not yet back: what happens then is found by the rescan."""

    def crash(self, watch):
        write(self.path("wakes"))
        watch.wait_log("event=child_backing_off")

    def check_told_after_crash(self, prepare, change, want):
        prepare()
        # The first look is that of the first scan; the second one comes with the first change.
        with self.watch("watcher.emit:throw@2", backoff="2s", settle="0") as watch:
            self.crash(watch)
            change()
            self.assertEqual(watch.child("watcher")["state"], "backing_off")
            watch.wait_equal()
            self.assertEqual([x for x in watch.told() if "wakes" not in x[1]], want)
            check_end(self, watch)

    def test_a_deleted_file_is_told(self):
        self.check_told_after_crash(lambda: write(self.path("f")), lambda: os.unlink(self.path("f")),
                                    [("delete", "f")])

    def test_a_deleted_file_in_a_directory_is_told(self):
        def prepare():
            for name in ("a", "b", "c"):
                os.mkdir(self.path(name))
                write(self.path(name, "f"))
        self.check_told_after_crash(prepare, lambda: os.unlink(self.path("b", "f")),
                                    [("delete", "b/f")])

    def test_a_new_tree_is_told(self):
        def change():
            os.makedirs(self.path("x", "y"))
            write(self.path("x", "y", "f"))
        self.check_told_after_crash(lambda: None, change,
                                    [("create", "x"), ("create", "x/y"), ("create", "x/y/f")])

    def test_a_write_is_told(self):
        self.check_told_after_crash(lambda: write(self.path("f")),
                                    lambda: write(self.path("f"), "longer"), [("modify", "f")])

    def test_a_rename_is_told_as_one(self):
        def prepare():
            os.mkdir(self.path("d"))
            write(self.path("d", "f"))
        self.check_told_after_crash(prepare, lambda: os.rename(self.path("d"), self.path("e")),
                                    [("rename", "e", "d")])

    def test_a_root_that_was_replaced_is_lost_and_found(self):
        write(self.path("f"))
        with self.watch("watcher.emit:throw@2", backoff="700ms", settle="0") as watch:
            self.crash(watch)
            os.rename(self.root, self.root + "-old")
            os.mkdir(self.root)
            write(self.path("g"))
            watch.wait_record("root_back")
            watch.wait_equal()
            check_end(self, watch)


class CrashesAtTheStop(CrashTest):
    """What the kernel told before the signal is still in the pipeline, for settle is long."""

    def check(self, fault, child):
        with self.watch(fault) as watch:
            for i in range(50):
                write(self.path("f%d" % i))
            begin = time.monotonic()
            self.assertEqual(watch.stop(), 0, watch.describe())
            self.assertLess(time.monotonic() - begin, 10)
            self.assertRegex(watch.log, "event=child_crashed [^\n]*child=watch/%s " % child)
            self.assertEqual(watch.faults(), [], watch.describe())

    def watch(self, fault, settle="10s", **more):
        return Watch(self.root, settle=settle,
                     env={"ACTORS_FAULT": fault, "ACTORS_FAULT_BACKOFF": "10ms"}, **more)

    def test_debouncer_crashes_while_draining(self):
        self.check("debouncer.on_drain:throw@1", "debouncer")

    def test_watcher_crashes_while_draining(self):
        self.check("watcher.drain:throw@1", "watcher")

    def test_emitter_crashes_while_draining(self):
        self.check("emitter.offer:throw@2", "emitter")

    def test_a_debouncer_that_hangs_is_abandoned_and_named(self):
        with self.watch("debouncer.on_drain:stall@1=60s") as watch:
            write(self.path("f"))
            begin = time.monotonic()
            self.assertEqual(watch.stop(deadline=30), 1, watch.describe())
            self.assertLess(time.monotonic() - begin, 21)
            self.assertIn("debouncer", watch.log)


class Room(CrashTest):
    def test_debouncer_crashes_when_its_full_downstream_has_room(self):
        names = [self.path("%0200d" % i) for i in range(20)]
        for name in names:
            os.mkdir(name)
        with Watch(self.root, settle="5ms", options=["--max-wait", "10ms"],
                   env={**SHORT, "ACTORS_FAULT": "debouncer.on_room:throw@1"}) as watch:
            watch.may_read.clear()
            number = 0

            def held():
                nonlocal number
                for _ in range(500):
                    number += 1
                    write(os.path.join(names[number % 20], "%0200d" % number))
                return watch.child("emitter")["mailbox"]["held_ms"] > 0

            wait_until(held, 40, "the mailbox is full")
            watch.may_read.set()
            watch.wait_log("event=child_crashed [^\n]*child=watch/debouncer [^\n]*injected fault")
            check_end(self, watch)
            self.assertGreaterEqual(len(watch.changes()), number)


class GivingUp(CrashTest):
    def end_within_seconds(self, watch, child):
        """Gives it something to crash at, again and again: one event that crashes alone is given up,
        and the stage would live on without it."""
        until = time.monotonic() + 10
        number = 0
        while watch.process.poll() is None and time.monotonic() < until:
            number += 1
            write(self.path("f%d" % number))
            time.sleep(0.005)
        self.assertEqual(watch.wait_exit(1), 70, watch.describe())
        fatal = re.findall("event=fatal_error[^\n]*", watch.log)
        self.assertEqual(len(fatal), 1, watch.log)
        self.assertIn("injected fault", fatal[0])
        self.assertEqual(len(re.findall("event=child_starting [^\n]*child=watch/%s " % child,
                                        watch.log)), 6, watch.log)

    def check(self, child, fault):
        with Watch(self.root, settle="10ms", options=["-v"], wait_ready=False,
                   env={**SHORT, "ACTORS_FAULT": fault}) as watch:
            self.end_within_seconds(watch, child)

    def test_a_debouncer_that_always_crashes_fails_the_pipeline_after_six_starts(self):
        self.check("debouncer", "debouncer:throw@1+")

    def test_a_watcher_that_cannot_start_fails_the_pipeline_after_six_starts(self):
        self.check("watcher", "watcher.on_start:throw@1+")

    def test_an_emitter_that_cannot_start_fails_the_pipeline_after_six_starts(self):
        self.check("emitter", "emitter.on_start:throw@1+")


class Stalls(CrashTest):
    def test_a_stage_that_stalls_is_late_and_loses_nothing(self):
        for child in ("debouncer", "emitter", "watcher"):
            with self.subTest(child), self.watch("%s:stall@3=3s" % child) as watch:
                finish_storm(start_storm(self.root, self.outside, 3, 300, child))
                begin = time.monotonic()
                watch.status()
                self.assertLess(time.monotonic() - begin, 2.5)  # the stall does not hold the door
                check_end(self, watch)


class Killed(CrashTest):
    def test_a_kill_while_it_is_asked_ends_every_question(self):
        with Watch(self.root) as watch:
            asking = [subprocess.Popen([BINARY, "status", "--json", "--admin", watch.admin],
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE)
                      for _ in range(10)]
            watch.process.kill()
            for question in asking:
                _, errors = question.communicate(timeout=5)
                if question.returncode != 0:
                    self.assertTrue(errors.startswith(b"actors: "), errors)
                    self.assertEqual(errors.count(b"\n"), 1, errors)
            after = run_program("status", "--admin", watch.admin)
            self.assertNotEqual(after.returncode, 0)
            self.assertEqual(after.stderr.count("\n"), 1, after.stderr)


if __name__ == "__main__":
    unittest.main()
