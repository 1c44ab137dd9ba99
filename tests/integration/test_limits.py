#!/usr/bin/env python3
"""What a machine has too little of: watches, instances, descriptors, permission. It is said, once and
with what to do; the rest is read again and again, and nothing is missed."""

import os
import shutil
import subprocess
import unittest

from harness import (AS_NOBODY, SANITIZED, TreeTest, Watch, can_be_nobody, check_end,
                     on_each_backend, program_for_nobody, remove_tree, run_program, wait_until,
                     why_not, write)

QUICK = ("--poll-interval", "50ms")


def limited(**limits):
    """A prefix that runs the program in a user namespace with limits of its own."""
    script = "".join("echo %d > /proc/sys/user/max_inotify_%s && " % (n, what)
                     for what, n in limits.items())
    return ("unshare", "-U", "-r", "sh", "-c", script + 'exec "$@"', "sh")


def can_limit():
    return os.geteuid() == 0 and shutil.which("nsenter") and subprocess.run(
        [*limited(watches=10), "true"], stderr=subprocess.DEVNULL).returncode == 0


class LimitTest(TreeTest):
    def make(self, count, *where):
        for i in range(count):
            os.makedirs(self.path(*where, "d%02d" % i, "e"))
            write(self.path(*where, "d%02d" % i, "e", "f"))

    def of_type(self, watch, kind):
        with watch.changed:
            return [x for x in watch.records if x.type == kind]

    def state(self, watch):
        return watch.child("watcher")["state"]


@unittest.skipUnless(can_limit(), "user namespaces with limits of their own are for root here")
class Watches(LimitTest):
    def watch(self, watches, **more):
        return Watch(self.root, prefix=limited(watches=watches), options=QUICK, **more)

    def raise_limit(self, watch, count):
        subprocess.run(["nsenter", "-t", str(watch.pid), "-U", "sh", "-c",
                        "echo %d > /proc/sys/user/max_inotify_watches" % count], check=True)

    def test_what_has_no_watch_is_polled_and_nothing_is_missed(self):
        self.make(20)
        with self.watch(15) as watch:
            wait_until(lambda: self.of_type(watch, "degraded"), 5, "degraded")
            degraded = self.of_type(watch, "degraded")
            for x in degraded:
                self.assertIn("fs.inotify.max_user_watches", x["reason"])
            self.assertIn("polled for want of a watch", watch.child("watcher")["last_error"])
            self.assertEqual(self.state(watch), "degraded")
            for i in range(20):
                write(self.path("d%02d" % i, "e", "new"))
                write(self.path("d%02d" % i, "e", "f"), b"longer")
                if i % 3 == 0:
                    os.rename(self.path("d%02d" % i), self.path("m%02d" % i))
                if i % 3 == 1:
                    remove_tree(self.path("d%02d" % i))
            watch.wait_equal()
            os.makedirs(self.path("m00", "deep", "er"))
            write(self.path("m00", "deep", "er", "f"))
            watch.wait_record("create", self.path("m00", "deep", "er", "f"), deadline=5)
            watch.wait_equal()
            self.assertEqual(watch.stop(), 0)
            self.assertEqual(watch.faults()[:10], [])

    def test_it_is_told_once_a_subtree(self):
        self.make(3)
        self.make(30, "z")
        for i in range(10):
            os.makedirs(self.path("z/d00/e", "x%d" % i, "y"))
        with self.watch(12) as watch:  # enough for z, not for what is in it
            wait_until(lambda: self.of_type(watch, "degraded"), 5, "degraded")
            watch.wait_equal()
            paths = [os.fsdecode(x.path) for x in self.of_type(watch, "degraded")]
            below = [x for x in paths if any(x.startswith(y + "/") for y in paths)]
            self.assertEqual(below, [], watch.describe())
            self.assertEqual(len(paths), len(set(paths)))

    def test_how_many_lines_it_takes(self):
        """One a subtree is many, when a thousand lie side by side: after a hundred only their number
        counts."""
        for i in range(200):
            os.mkdir(self.path("d%03d" % i))
        with self.watch(10) as watch:
            wait_until(lambda: len(self.of_type(watch, "degraded")) >= 100, 5, "degraded")
            write(self.path("d199", "f"))
            watch.wait_record("create", self.path("d199", "f"), deadline=5)
            told = self.of_type(watch, "degraded")
            self.assertEqual(len(told), 100)
            self.assertIn("more like it", told[-1]["reason"])

    def test_recovered_when_there_is_room(self):
        self.make(10)
        with self.watch(12) as watch:
            wait_until(lambda: self.state(watch) == "degraded", 5, "degraded")
            self.raise_limit(watch, 1000)
            wait_until(lambda: self.state(watch) == "ready", 5, watch.describe())
            count = len(self.of_type(watch, "degraded"))
            for i in range(10):
                write(self.path("d%02d" % i, "e", "new"))
            watch.wait_equal()
            os.makedirs(self.path("more", "and", "more"))
            check_end(self, watch)
            self.assertEqual(len(self.of_type(watch, "degraded")), count)

    def test_room_that_deleted_directories_leave(self):
        self.make(10)
        with self.watch(16) as watch:
            wait_until(lambda: self.state(watch) == "degraded", 5, "degraded")
            for i in range(6):
                remove_tree(self.path("d%02d" % i))
            wait_until(lambda: self.state(watch) == "ready", 5, watch.describe())
            for i in range(6, 10):
                write(self.path("d%02d" % i, "e", "new"))
            check_end(self, watch)

    def test_no_watch_for_the_root_itself(self):
        self.make(3)
        with self.watch(0, backend="auto", wait_ready=False) as watch:
            watch.wait_record("ready")
            watch.backend = "poll"  # for the wait: nothing is ordered
            write(self.path("d00", "e", "new"))
            watch.wait_record("create", self.path("d00", "e", "new"), deadline=5)
            self.assertEqual([x.path for x in self.of_type(watch, "degraded")],
                             [os.fsencode(self.root)])
            watch.wait_equal()
            remove_tree(self.root)
            watch.wait_record("root_lost", deadline=5)
            self.make(2)
            watch.wait_record("root_back", deadline=5)
            watch.wait_equal()
            self.assertEqual(watch.stop(), 0)
            self.assertEqual(watch.faults()[:10], [])


@unittest.skipUnless(can_limit(), "user namespaces with limits of their own are for root here")
class Instances(LimitTest):
    def test_auto_polls_and_says_why(self):
        self.make(3)
        with Watch(self.root, prefix=limited(instances=0), options=["--backend", "auto", *QUICK],
                   wait_ready=False) as watch:
            record = watch.wait_record("ready")
            self.assertEqual(record["backend"], "poll")
            watch.backend = "poll"
            self.assertIn("fs.inotify.max_user_instances", watch.child("watcher")["note"])
            write(self.path("d00", "e", "new"))
            watch.wait_record("create", self.path("d00", "e", "new"), deadline=5)
            check_end(self, watch)

    def test_inotify_by_name_is_refused(self):
        done = run_program("watch", self.root, "--backend", "inotify", "--admin", self.home + "/a",
                           prefix=limited(instances=0))
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("fs.inotify.max_user_instances", done.stderr)
        self.assertEqual(done.stdout, "")
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)


@on_each_backend
class Descriptors(LimitTest):
    def test_a_small_limit(self):
        """256 directories may be kept open; with room for 64 descriptors it has to do with less."""
        self.make(150)
        with Watch(self.root, prefix=("sh", "-c", 'ulimit -n 64; exec "$@"', "sh"),
                   backend=self.backend) as watch:
            for round in range(3):
                for i in range(150):
                    write(self.path("d%02d" % i, "e", "f"), b"x" * (round + 2))
                    write(self.path("d%02d" % i, "n%d" % round))
            watch.wait_equal()
            self.assertEqual([x for x in watch.records if not x.is_change()
                              and x.type != "ready"], [], watch.describe())
            self.assertNotIn("rescan", watch.log)
            check_end(self, watch)

    @unittest.skipIf(SANITIZED, "the sanitizers want descriptors of their own")
    def test_hardly_any(self):
        """Too few to begin with: it ends, and says so."""
        done = run_program("watch", self.root, "--backend", self.backend, "-t", "2s",
                           "--admin", self.home + "/a",
                           prefix=("sh", "-c", 'ulimit -n 6; exec "$@"', "sh"))
        self.assertIn(done.returncode, (1, 70), done)
        self.assertIn("open files", done.stderr)


class Backends(LimitTest):
    """Which one is used, and why it is no better one."""

    def used(self, *options, prefix=(), program=None):
        with Watch(self.root, options=[*options, *QUICK], prefix=prefix, program=program,
                   wait_ready=False, backend="auto") as watch:
            ready = watch.wait_record("ready")
            watch.wait_for(lambda: watch.child("watcher")["state"] == "ready")
            return ready["backend"], watch.child("watcher")["note"]

    def test_auto_as_root(self):
        if why_not("fanotify"):
            self.skipTest(why_not("fanotify"))
        self.assertEqual(self.used(), ("fanotify", "fanotify"))

    @unittest.skipUnless(can_be_nobody(), "only root can become another user")
    def test_auto_as_nobody(self):
        backend, note = self.used(prefix=AS_NOBODY, program=program_for_nobody(self.home))
        self.assertEqual(backend, "inotify")
        self.assertIn("CAP_SYS_ADMIN", note)

    def test_auto_on_proc(self):
        self.root = "/proc/self/net"
        if not os.path.isdir(self.root):
            self.skipTest("no " + self.root)
        self.root = "/proc/sys/fs/inotify"
        with Watch(self.root, options=["--poll-interval", "1s"], wait_ready=False,
                   backend="auto") as watch:
            self.assertEqual(watch.wait_record("ready")["backend"], "poll")
            self.assertIn("proc does not tell", watch.child("watcher")["note"])

    def test_each_by_name(self):
        for name in ("inotify", "poll") + (() if why_not("fanotify") else ("fanotify",)):
            with Watch(self.root, backend=name) as watch:
                self.assertEqual(watch.records[0]["backend"], name)
                self.assertEqual(watch.child("watcher")["note"].split(" ")[0], name)

    @unittest.skipUnless(can_be_nobody(), "only root can become another user")
    def test_fanotify_as_nobody_is_77(self):
        copy = program_for_nobody(self.home)
        os.chmod(self.home, 0o777)
        done = subprocess.run(
            [*AS_NOBODY, copy, "watch", self.root, "--backend", "fanotify", "--admin",
             self.home + "/a"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8")
        self.assertEqual(done.returncode, 77, done)
        self.assertIn("CAP_SYS_ADMIN", done.stderr)
        self.assertIn("auto", done.stderr)
        self.assertEqual(done.stderr.count("\n"), 1)

    def test_inotify_on_proc_says_so(self):
        """Asked for by name it is used where it can be; /proc tells nothing to anyone."""
        done = run_program("watch", "/proc/sys/fs/inotify", "--backend", "inotify", "-t", "500ms",
                           "--admin", self.home + "/a")
        self.assertNotIn(done.returncode, (0, 2), done)
        self.assertIn("proc", done.stderr)


if __name__ == "__main__":
    unittest.main()
