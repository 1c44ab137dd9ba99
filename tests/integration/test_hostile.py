#!/usr/bin/env python3
"""Trees and writers that mean no good, on every backend: the program neither crashes nor hangs, tells
the truth, stays within its memory, and names nothing outside of its root."""

import os
import signal
import subprocess
import sys
import time
import unittest

from harness import (AS_NOBODY, PATIENCE, SANITIZED, TreeTest, Watch, can_be_nobody, check_end,
                     on_each_backend, program_for_nobody, remove_tree, write)
from storm import exchange

SETTLES = ("0", "100ms")


def check_inside(test, watch):
    """No record names what is not below a root; none has a name that cannot be one."""
    for record in watch.records:
        for path in filter(None, (record.path, record.from_path, record.root)):
            inside = any(path == x or path.startswith(x + b"/") for x in watch.roots)
            parts = path.split(b"/")[1:]
            test.assertTrue(inside and not {b"", b".", b".."} & set(parts), record.line)


class HostileTest(TreeTest):
    backend = None

    def watch(self, **more):
        return Watch(self.root, backend=self.backend, **more)

    def finish(self, watch):
        check_end(self, watch)
        check_inside(self, watch)

    def check(self, change, prepare=lambda: None):
        """With and without settling; returns what was told with it."""
        for settle in SETTLES:
            self.new_root()
            prepare()
            with self.watch(settle=settle) as watch:
                change()
                self.finish(watch)
        return watch


@on_each_backend
class Names(HostileTest):
    NAMES = [b"n" * 255, b"\xff" * 255, "\u20ac".encode() * 85, b"\n", b"line\nfeed\n", b"\xff\xfe",
             b"caf\xe9", b"\xed\xa0\x80", b"\xf0\x9f\x98", b" ", b"-rf", b"...", b'"\\"', b"\\n",
             b"\x01\x7f", b"{\"seq\":1}", b".actors-swap", b"x.1.actors-swap", b"*",
             b"$(id)", b"a\rb", b"\x1b[2J"]

    def test_names_that_break_readers(self):
        def change():
            root = os.fsencode(self.root)
            for name in self.NAMES:
                os.mkdir(os.path.join(root, name))
                write(os.path.join(root, name, name))
            for name in self.NAMES:
                os.rename(os.path.join(root, name, name), os.path.join(root, name, b"x"))
            for name in self.NAMES[::2]:
                os.unlink(os.path.join(root, name, b"x"))
                os.rmdir(os.path.join(root, name))
        self.check(change)

    def test_names_of_the_program_are_exchanged(self):
        """Its own names for what steps aside are taken."""
        def prepare():
            for name in ("a", "b", "a.1.actors-swap", "b.1.actors-swap", "b.2.actors-swap",
                         "b.3.actors-swap", "a.4.actors-swap"):
                write(self.path(name), name)

        def change():
            exchange(self.path("a"), self.path("b"))
            exchange(self.path("a.1.actors-swap"), self.path("b.1.actors-swap"))
        self.check(change, prepare)


@on_each_backend
class Depth(HostileTest):
    LEVELS = 60
    LENGTH = 100  # 60 x 101 bytes: PATH_MAX is 4,096

    def go_down(self, make):
        """A descriptor of the directory at the bottom."""
        fd = os.open(self.root, os.O_RDONLY)
        for i in range(self.LEVELS):
            name = "%0*d" % (self.LENGTH, i)
            if make:
                os.mkdir(name, dir_fd=fd)
            below = os.open(name, os.O_RDONLY, dir_fd=fd)
            os.close(fd)
            fd = below
        self.addCleanup(os.close, fd)
        return fd

    def change_at_bottom(self, fd):
        with open(os.open("file", os.O_WRONLY | os.O_CREAT, 0o644, dir_fd=fd), "wb") as f:
            f.write(b"deep")
        os.mkdir("folder", dir_fd=fd)
        os.rename("file", "folder/moved", src_dir_fd=fd, dst_dir_fd=fd)

    def rename_top(self):
        os.rename(self.path("%0*d" % (self.LENGTH, 0)), self.path("top"))

    def test_a_tree_deeper_than_path_max_moves_and_is_written_at_the_bottom(self):
        def prepare():
            self.bottom = self.go_down(make=True)

        def change():
            self.rename_top()
            self.change_at_bottom(self.bottom)
        watch = self.check(change, prepare)
        deep = "top/" + "/".join("%0*d" % (self.LENGTH, i) for i in range(1, self.LEVELS))
        self.assertEqual(sorted(watch.told()),
                         [("create", deep + "/folder"), ("create", deep + "/folder/moved"),
                          ("rename", "top", "%0*d" % (self.LENGTH, 0))])

    def test_a_tree_deeper_than_path_max_is_made_and_moves_at_once(self):
        def change():
            fd = self.go_down(make=True)
            self.change_at_bottom(fd)
            self.rename_top()
        self.check(change)


@on_each_backend
class Links(HostileTest):
    def test_loops_and_broken_links(self):
        def change():
            os.makedirs(self.path("d", "e"))
            for name, target in (("self", "self"), ("here", "."), ("up", ".."), ("one", "two"),
                                 ("two", "one"), ("broken", "nowhere"), ("root", "/"),
                                 ("proc", "/proc/self/root"),
                                 ("d/e/top", self.root), ("d/e/long", "x/" * 2000),
                                 ("d/bytes", b"\xff\xfe")):
                os.symlink(target, os.fsencode(self.path(name)) if isinstance(target, bytes)
                           else self.path(name))
            write(self.path("here", "d", "f"))  # through a link
            os.rename(self.path("one"), self.path("d", "e", "one"))
            os.unlink(self.path("self"))
            os.symlink("d", self.path("self"))
            os.rename(self.path("d"), self.path("up2"))
        watch = self.check(change)
        self.assertEqual({x["ftype"] for x in watch.changes()}, {"f", "d", "l"})

    def test_hard_links(self):
        """Many names of one file, in several directories, that come, go and move."""
        def prepare():
            os.makedirs(self.path("d"))
            write(self.path("h"), "content")

        def change():
            for k in range(50):
                os.link(self.path("h"), self.path("d" if k % 2 else "", "h%d" % k))
            for k in range(0, 50, 5):
                os.unlink(self.path("d" if k % 2 else "", "h%d" % k))
            for k in range(1, 50, 5):
                os.rename(self.path("d" if k % 2 else "", "h%d" % k), self.path("d", "moved%d" % k))
            os.unlink(self.path("h"))
            os.rename(self.path("d"), self.path("e"))
        self.check(change, prepare)


@on_each_backend
class Turns(HostileTest):
    """Names and inodes that change hands faster than one can look."""

    def test_a_file_is_a_directory_and_back_500_times(self):
        def prepare():
            write(self.path("x"), "file")

        def change():
            for k in range(500):
                os.unlink(self.path("x"))
                os.mkdir(self.path("x"))
                if k % 3 == 0:
                    write(self.path("x", "y"))
                    os.unlink(self.path("x", "y"))
                os.rmdir(self.path("x"))
                write(self.path("x"), "file%d" % k)
        self.check(change, prepare)

    def test_an_inode_is_used_again_1000_times(self):
        """Never told as a rename: it is another file."""
        def prepare():
            write(self.path("f0"), "content")

        def change():
            for k in range(1000):
                os.unlink(self.path("f%d" % k))
                write(self.path("f%d" % (k + 1)), "content")
        for settle in SETTLES:
            self.new_root()
            prepare()
            with self.watch(settle=settle) as watch:
                change()
                self.finish(watch)
                self.assertEqual([x.line for x in watch.changes() if x.type == "rename"], [])

    def test_a_tree_comes_and_goes_300_times(self):
        """Some are gone while they are read: nothing is wrong with that, so nobody is told."""
        def change():
            for _ in range(300):
                os.makedirs(self.path("a", "b", "c"))
                write(self.path("a", "b", "c", "f"))
                write(self.path("a", "f"))
                remove_tree(self.path("a"))
        watch = self.check(change)
        self.assertEqual([x.line for x in watch.records if x.type not in ("ready", "create", "delete")], [])

    def test_a_name_is_exchanged_with_another_100_times(self):
        def prepare():
            write(self.path("f"), "file")
            os.makedirs(self.path("d", "below"))

        def change():
            for _ in range(101):
                exchange(self.path("f"), self.path("d"))
        self.check(change, prepare)


@on_each_backend
class Permissions(HostileTest):
    FLIPS = 50

    def setUp(self):
        super().setUp()
        if not can_be_nobody():
            self.skipTest("needs root, to be somebody else")

    def test_a_directory_may_be_read_and_may_not_again_and_again(self):
        if self.backend == "fanotify":
            self.skipTest("fanotify marks of a file system are for root, who may read everything")
        os.makedirs(self.path("den", "below"))
        write(self.path("den", "f"))
        with self.watch(prefix=AS_NOBODY, program=program_for_nobody(self.home),
                        options=("--poll-interval", "50ms")) as watch:
            for k in range(self.FLIPS):
                os.chmod(self.path("den"), 0)
                write(self.path("den", "f%d" % k))
                write(self.path("den", "below", "g%d" % (k % 7)), "x" * k)
                if k % 2:
                    os.unlink(self.path("den", "f%d" % k))
                os.chmod(self.path("den"), 0o755)
                os.chmod(self.path("den", "f"), 0o000 if k % 2 else 0o644)
            os.chmod(self.path("den", "f"), 0o644)
            watch.wait_equal()
            write(self.path("den", "last"))
            self.finish(watch)


@on_each_backend
class Writers(HostileTest):
    MAX_WAIT = 1.0
    SLACK = 1.5  # for a machine that builds something else meanwhile

    def test_a_write_through_a_mapping_is_told(self):
        def prepare():
            write(self.path("f"), "0123456789")

        def change():
            subprocess.run([sys.executable, "-c", "import mmap, os, sys\n"
                            "fd = os.open(sys.argv[1], os.O_RDWR)\n"
                            "with mmap.mmap(fd, 0) as m: m[:3] = b'new'", self.path("f")], check=True)
        watch = self.check(change, prepare)
        self.assertEqual(watch.told(), [("modify", "f")])

    def test_a_writer_that_never_pauses_is_reported_again_and_again(self):
        write(self.path("log"))
        with self.watch(settle="300ms", options=("--max-wait", "1s")) as watch:
            writer = subprocess.Popen([sys.executable, "-c", "import os, sys\n"
                                       "fd = os.open(sys.argv[1], os.O_WRONLY | os.O_APPEND)\n"
                                       "while os.getppid() == int(sys.argv[2]): os.write(fd, b'x')",
                                       self.path("log"), str(os.getpid())])
            try:
                since, last = watch.mark(), time.monotonic()
                for _ in range(3):
                    watch.wait_record("modify", self.path("log"), since,
                                      deadline=self.MAX_WAIT + self.SLACK)
                    since = watch.mark()
                self.assertGreater(time.monotonic() - last, 2 * self.MAX_WAIT - 0.3)  # folded
            finally:
                writer.send_signal(signal.SIGKILL)
                writer.wait()
            self.finish(watch)
            self.assertEqual({x[0] for x in watch.told()}, {"modify"})


@on_each_backend
class Masses(HostileTest):
    FILES = 30_000  # a million: tools/soak --million

    # 30,000 nodes of 112 bytes are 4 MB, and may be twice that while tables grow; hints have 8 MB,
    # mailboxes 8 MiB (docs/guarantees.md), the program 10 MiB. The address sanitizer keeps what was
    # freed, and shadows all.
    MEMORY_MAX_KIB = (192 if SANITIZED else 48) * 1024

    def check_mass(self, settle):
        with self.watch(settle=settle, options=("--poll-interval", "500ms")) as watch:
            fd = os.open(self.root, os.O_RDONLY)
            for k in range(self.FILES):
                os.mknod("f%d" % k, dir_fd=fd)
            os.close(fd)
            watch.wait_quiet(deadline=3 * PATIENCE)
            watch.wait_for(lambda: len(watch.records) > self.FILES, 3 * PATIENCE, "all creates")
            self.assertLess(watch.memory_peak_kib(), self.MEMORY_MAX_KIB)
            self.assertEqual(watch.stop(deadline=3 * PATIENCE), 0, watch.describe())
        # The replay of so many takes half a minute; this says as much of creates alone.
        self.assertEqual([x.seq for x in watch.records], list(range(1, len(watch.records) + 1)))
        changes = watch.changes()
        self.assertEqual({x.type for x in changes}, {"create"})
        self.assertEqual(len(changes), self.FILES)
        self.assertEqual({x.path for x in changes},
                         {os.fsencode(self.path("f%d" % k)) for k in range(self.FILES)})
        self.assertEqual(watch.broken, [])

    def test_many_files_in_one_directory(self):
        self.check_mass("0")


if __name__ == "__main__":
    unittest.main()
