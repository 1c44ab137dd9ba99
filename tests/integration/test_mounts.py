#!/usr/bin/env python3
"""What is mounted and unmounted below a root, on it and above it. Runs in a mount namespace of its own,
so that nothing stays behind."""

import os
import subprocess
import sys
import time
import unittest

from harness import (Watch, check_end, on_each_backend, remove_tree, temporary_directory, wait_until,
                     write)

SLOW = ("--poll-interval", "60s")
AT_ONCE = 5  # seconds: on a busy machine, and far below the interval

INSIDE = "ACTORS_TEST_MOUNTS_INSIDE"


def run(*command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8")
    if done.returncode != 0:
        raise AssertionError("%s: %s" % (" ".join(command), done.stdout))


def can_mount():
    return os.geteuid() == 0 and subprocess.run(
        ["unshare", "-m", "--propagation", "private", "true"], stderr=subprocess.DEVNULL).returncode == 0


@unittest.skipUnless(os.environ.get(INSIDE), "mounts are for root, in a namespace of their own")
class MountTest(unittest.TestCase):
    backend = "inotify"

    def setUp(self):
        self.mounted = []
        self.home = temporary_directory()
        self.addCleanup(remove_tree, self.home)
        self.addCleanup(self.unmount_all)
        self.root = os.path.join(self.home, "root")
        os.makedirs(self.path("d", "covered"))
        write(self.path("d", "f"))
        write(self.path("g"))

    def path(self, *names):
        return os.path.join(self.root, *names)

    def watch(self, *options, **more):
        slow = () if self.backend == "poll" else SLOW
        return Watch(self.root, options=[*slow, *options], backend=self.backend, **more)

    def mount(self, *arguments):
        run("mount", *arguments)
        self.mounted.append(arguments[-1])

    def tmpfs(self, path):
        self.mount("-t", "tmpfs", "none", path)

    def unmount_all(self):
        for path in reversed(self.mounted):
            subprocess.run(["umount", "-l", path], stderr=subprocess.DEVNULL)

    def umount(self, path, within=0.0):
        """umount(8) is not kept waiting."""
        begin = time.monotonic()
        while True:
            done = subprocess.run(["umount", path], stderr=subprocess.PIPE, encoding="utf-8")
            if done.returncode == 0:
                self.mounted.remove(path)
                return
            if time.monotonic() - begin > within:
                raise AssertionError("after %.2f s: %s" % (time.monotonic() - begin, done.stderr))
            time.sleep(0.01)

    def settled(self, watch):
        """All that the mount brought is told."""
        watch.wait_equal()
        self.assertEqual(watch.faults(), [])


@on_each_backend
class Below(MountTest):
    def check_life_of(self, mount, fstype="tmpfs"):
        """`mount` puts something on root/d that has a file "in" and a directory "deep"."""
        with self.watch() as watch:
            mount(self.path("d"))
            record = watch.wait_record("mount", self.path("d"), deadline=AT_ONCE)
            self.assertEqual(record["reason"], fstype)
            self.settled(watch)
            self.assertIn(("create", "d/in"), watch.told())
            self.assertIn(("delete", "d/f"), watch.told())
            write(self.path("d", "deep", "new"))
            watch.wait_record("create", self.path("d", "deep", "new"), deadline=AT_ONCE)
            os.rename(self.path("d", "in"), self.path("d", "deep", "in"))
            watch.wait_record("rename", self.path("d", "deep", "in"), deadline=AT_ONCE)
            self.umount(self.path("d"), within=0.5)  # right after changes in it
            record = watch.wait_record("unmount", self.path("d"), deadline=AT_ONCE)
            self.assertEqual(record["reason"], fstype)
            self.settled(watch)
            self.assertIn(("create", "d/f"), watch.told())
            since = watch.mark()
            write(self.path("d", "covered", "new"))
            watch.wait_record("create", self.path("d", "covered", "new"), since, AT_ONCE)
            check_end(self, watch)
            marks = [x.type for x in watch.records if x.type in ("mount", "unmount")]
            self.assertEqual(marks, ["mount", "unmount"])

    def filled(self, path):
        os.makedirs(path + "/deep", exist_ok=True)
        write(path + "/in")

    def test_a_new_file_system(self):
        def mount(path):
            aside = self.home + "/aside"
            os.mkdir(aside)
            self.tmpfs(aside)
            self.filled(aside)
            run("mount", "--move", aside, path)
            self.mounted[-1] = path
        self.check_life_of(mount)

    def test_a_directory_of_the_same_file_system(self):
        self.filled(self.home + "/outside")
        fstype = subprocess.run(["stat", "-f", "-c", "%T", self.home], stdout=subprocess.PIPE,
                                encoding="utf-8").stdout.strip().replace("ext2/ext3", "ext4")
        self.check_life_of(lambda path: self.mount("--bind", self.home + "/outside", path), fstype)

    def test_an_idle_mount_can_be_unmounted_at_once(self):
        self.tmpfs(self.path("d"))
        os.makedirs(self.path("d", "x", "y"))
        with self.watch() as watch:
            write(self.path("d", "x", "y", "f"))
            watch.wait_record("create", self.path("d", "x", "y", "f"))
            time.sleep(0.3)
            if self.backend == "poll":  # it may be reading just now
                self.umount(self.path("d"), within=1)
            else:
                self.umount(self.path("d"))
            watch.wait_record("unmount", self.path("d"), deadline=AT_ONCE)
            self.settled(watch)
            check_end(self, watch)

    def test_a_mount_in_a_mount(self):
        with self.watch() as watch:
            self.tmpfs(self.path("d"))
            os.mkdir(self.path("d", "inner"))
            watch.wait_record("create", self.path("d", "inner"), deadline=AT_ONCE)
            self.tmpfs(self.path("d", "inner"))
            watch.wait_record("mount", self.path("d", "inner"), deadline=AT_ONCE)
            write(self.path("d", "inner", "f"))
            watch.wait_record("create", self.path("d", "inner", "f"), deadline=AT_ONCE)
            run("umount", "-l", self.path("d"))  # with the inner one
            watch.wait_record("unmount", self.path("d"), deadline=AT_ONCE)
            self.settled(watch)
            check_end(self, watch)

    def test_mounts_over_and_over(self):
        with self.watch() as watch:
            for i in range(8):
                self.tmpfs(self.path("d"))
                write(self.path("d", "n%d" % i))
                if i % 2:
                    watch.wait_record("create", self.path("d", "n%d" % i), deadline=AT_ONCE)
                self.umount(self.path("d"), within=1)
            self.tmpfs(self.path("d"))
            write(self.path("d", "last"))
            watch.wait_record("create", self.path("d", "last"), deadline=2 * AT_ONCE)
            self.settled(watch)
            check_end(self, watch)

    def test_mounts_elsewhere_are_none_of_ours(self):
        os.mkdir(self.home + "/root2")
        with self.watch() as watch:
            self.tmpfs(self.home + "/root2")
            write(self.home + "/root2/f")
            self.umount(self.home + "/root2", within=1)
            check_end(self, watch)
            self.assertEqual([x.type for x in watch.records if not x.is_sentinel()], ["ready"])


@on_each_backend
class Twice(MountTest):
    def test_a_directory_of_the_tree_mounted_in_the_tree(self):
        """Both paths lead to it, and each is told."""
        os.mkdir(self.path("again"))
        self.mount("--bind", self.path("d"), self.path("again"))
        with self.watch() as watch:
            for name in ("d", "again"):
                write(self.path(name, "by-" + name))
                for path in ("d", "again"):
                    watch.wait_record("create", self.path(path, "by-" + name), deadline=AT_ONCE)
            write(self.path("again", "covered", "deep"))
            for path in ("d", "again"):
                watch.wait_record("create", self.path(path, "covered", "deep"), deadline=AT_ONCE)
            check_end(self, watch)

    def test_it_is_mounted_while_watched(self):
        os.mkdir(self.path("again"))
        with self.watch() as watch:
            self.mount("--bind", self.path("d"), self.path("again"))
            watch.wait_record("create", self.path("again", "f"), deadline=AT_ONCE)
            self.settled(watch)
            write(self.path("d", "new"))
            for path in ("d", "again"):
                watch.wait_record("create", self.path(path, "new"), deadline=AT_ONCE)
            os.unlink(self.path("again", "f"))
            for path in ("d", "again"):
                watch.wait_record("delete", self.path(path, "f"), deadline=AT_ONCE)
            self.umount(self.path("again"), within=0.5)
            watch.wait_record("unmount", self.path("again"), deadline=AT_ONCE)
            self.settled(watch)
            since = watch.mark()
            write(self.path("d", "new"), b"longer")
            write(self.path("again", "new"), b"x")
            write(self.path("d", "covered", "new"))
            check_end(self, watch)
            told = set(watch.told(since))
            self.assertIn(("create", "d/covered/new"), told)
            self.assertIn(("create", "again/new"), told)

    def test_the_root_mounted_in_itself_ends(self):
        self.mount("--bind", self.root, self.path("d"))
        with self.watch() as watch:
            self.assertLess(watch.records[0]["dirs"], 6)
            write(self.path("new"))
            watch.wait_record("create", self.path("new"), deadline=AT_ONCE)
            self.assertEqual(watch.stop(), 0)


@on_each_backend
class Boundary(MountTest):
    def test_other_file_systems_are_told_and_not_entered(self):
        self.tmpfs(self.path("d"))
        write(self.path("d", "unseen"))
        with self.watch("--one-file-system") as watch:
            self.assertEqual((watch.records[0]["dirs"], watch.records[0]["files"]), (2, 1))
            write(self.path("d", "unseen-too"))
            os.mkdir(self.path("e"))
            self.tmpfs(self.path("e"))
            watch.wait_record("mount", self.path("e"), deadline=AT_ONCE)
            write(self.path("e", "unseen"))
            watch.wait_quiet()
            self.assertFalse([x for x in watch.changes() if b"unseen" in x.path], watch.describe())
            self.umount(self.path("d"), within=0.5)
            watch.wait_record("create", self.path("d", "f"), deadline=AT_ONCE)
            write(self.path("d", "covered", "seen"))
            watch.wait_record("create", self.path("d", "covered", "seen"), deadline=AT_ONCE)
            self.assertEqual(watch.stop(), 0)

    def test_without_the_option_they_are_entered(self):
        self.tmpfs(self.path("d"))
        write(self.path("d", "seen"))
        with self.watch() as watch:
            self.assertEqual((watch.records[0]["dirs"], watch.records[0]["files"]), (2, 2))
            write(self.path("d", "seen"), b"longer")
            watch.wait_record("modify", self.path("d", "seen"), deadline=AT_ONCE)
            check_end(self, watch)


@on_each_backend
class Remounted(MountTest):
    def test_read_only_and_back(self):
        self.tmpfs(self.path("d"))
        write(self.path("d", "f"))
        with self.watch() as watch:
            write(self.path("d", "g"))
            watch.wait_record("create", self.path("d", "g"), deadline=AT_ONCE)
            run("mount", "-o", "remount,ro", self.path("d"))
            watch.wait_quiet()
            run("mount", "-o", "remount,rw", self.path("d"))
            write(self.path("d", "h"))
            watch.wait_record("create", self.path("d", "h"), deadline=AT_ONCE)
            check_end(self, watch)
            self.assertEqual([x.type for x in watch.records if not x.is_change()], ["ready"])


@on_each_backend
class Over(MountTest):
    def test_the_root_is_mounted_over(self):
        with self.watch() as watch:
            self.tmpfs(self.root)
            watch.wait_record("root_lost", deadline=AT_ONCE)
            watch.wait_record("root_back", deadline=AT_ONCE)
            write(self.path("new"))
            watch.wait_record("create", self.path("new"), deadline=AT_ONCE)
            self.settled(watch)
            since = watch.mark()
            self.umount(self.root, within=0.5)
            watch.wait_record("root_lost", since=since, deadline=AT_ONCE)
            watch.wait_record("root_back", since=since, deadline=AT_ONCE)
            self.settled(watch)
            self.assertIn(("create", "d/f"), watch.told(since))
            check_end(self, watch)

    def test_a_directory_above_is_mounted_over(self):
        with self.watch() as watch:
            self.tmpfs(self.home)
            watch.wait_record("root_lost", deadline=AT_ONCE)
            since = watch.mark()
            self.umount(self.home, within=0.5)
            watch.wait_record("root_back", since=since, deadline=AT_ONCE)
            self.settled(watch)
            check_end(self, watch)

    def test_a_root_that_is_a_mount_is_unmounted_and_back(self):
        """Its mount can be unmounted though it is watched."""
        self.tmpfs(self.root)
        write(self.path("in"))
        with self.watch() as watch:
            write(self.path("in"), b"longer")
            watch.wait_record("modify", self.path("in"), deadline=AT_ONCE)
            time.sleep(0.1)
            self.umount(self.root, within=0.5)
            watch.wait_record("root_lost", deadline=AT_ONCE)
            watch.wait_record("root_back", deadline=AT_ONCE)
            self.settled(watch)
            check_end(self, watch)

    def test_what_is_waited_for_is_mounted(self):
        self.root = os.path.join(self.home, "media", "disk")
        os.makedirs(self.home + "/media")
        slow = () if self.backend == "poll" else SLOW
        with Watch(self.root, options=["--wait-for-path", *slow], backend=self.backend,
                   wait_ready=False) as watch:
            watch.wait_record("root_lost")
            self.tmpfs(self.home + "/media")
            time.sleep(0.1)
            os.mkdir(self.root)
            watch.wait_record("root_back", deadline=AT_ONCE)
            write(self.path("new"))
            watch.wait_record("create", self.path("new"), deadline=AT_ONCE)
            check_end(self, watch)


if __name__ == "__main__":
    if not os.environ.get(INSIDE) and can_mount():
        os.environ[INSIDE] = "1"
        os.execvp("unshare", ["unshare", "-m", "--propagation", "private", sys.executable, *sys.argv])
    unittest.main()
