#!/usr/bin/env python3
"""Single changes, and what is told of them."""

import os
import signal
import time
import unittest

from harness import TreeTest, Watch, check_end, remove_tree, write

SETTLES = ("0", "300ms")

# Half of what is called quiet: a test that was held up for longer may have seen two windows.
HELD_UP = 0.15

# Longer than a look at one name takes and than a name that is gone is waited for (30 ms).
STEP = 0.05


class ChangeTest(TreeTest):
    def write(self, name, data="x"):
        write(self.path(name), data)

    def rename(self, old, new):
        os.rename(self.path(old), self.path(new))

    def swap(self, one, two):
        self.rename(one, "swapping")
        self.rename(two, one)
        self.rename("swapping", two)

    def while_stopped(self, watch, change):
        """The program learns of all of it at once."""
        watch.send(signal.SIGSTOP)
        try:
            change()
        finally:
            watch.send(signal.SIGCONT)

    def told_of(self, change, settle="0"):
        with Watch(self.root, settle=settle) as watch:
            change()
            check_end(self, watch)
            return watch.told()

    def check_window(self, prepare, steps, want):
        """Steps within one window are told as `want`, in any order: done at once, and with a look at
        each."""
        for attempt in range(10):
            self.new_root()
            prepare()
            with Watch(self.root, settle="300ms") as watch:
                longest = 0
                for step in steps:
                    begin = time.monotonic()
                    step()
                    longest = max(longest, time.monotonic() - begin)
                check_end(self, watch)
            if longest < HELD_UP:
                break
        self.assertEqual(sorted(watch.told()), sorted(want), watch.describe())
        self.new_root()
        prepare()
        with Watch(self.root, settle="60s") as watch:
            for step in steps:
                step()
                if len(steps) < 10:
                    time.sleep(STEP)
            self.assertEqual(watch.stop(), 0, watch.describe())
            self.assertEqual(watch.faults(), [], watch.describe())
            self.assertEqual(sorted(watch.told()), sorted(want), watch.describe())


class NewTrees(ChangeTest):
    def check_each_is_told_once(self, change):
        for settle in SETTLES:
            with self.subTest(settle=settle):
                self.new_root()
                with Watch(self.root, settle=settle) as watch:
                    change()
                    check_end(self, watch)
                    creates = [x.path for x in watch.changes() if x.type == "create"]
                    self.assertEqual(sorted(creates), sorted(watch.disk()))
                    others = {x.type for x in watch.changes()} - {"create"}
                    self.assertLessEqual(others, set() if settle != "0" else {"modify"})

    def test_directories_made_at_once_and_filled_at_once(self):
        def change():
            for i in range(10):
                os.makedirs(self.path("a%d" % i, "b", "c", "d"))
                for k in range(20):
                    self.write("a%d/b/c/d/f%d" % (i, k))
            os.makedirs(self.path("a", "b", "c", "d"))
            for k in range(200):
                self.write("a/b/c/d/f%d" % k)
        self.check_each_is_told_once(change)

    def test_a_filled_tree_that_moves_in(self):
        def change():
            away = os.path.join(self.home, "away")
            os.makedirs(os.path.join(away, "b", "c"))
            for k in range(50):
                write(os.path.join(away, "f%d" % k))
                write(os.path.join(away, "b", "c", "f%d" % k))
            os.rename(away, self.path("a"))
        self.check_each_is_told_once(change)

    def test_a_tree_that_moved_in_is_watched(self):
        away = os.path.join(self.home, "away")
        os.makedirs(os.path.join(away, "b"))
        with Watch(self.root) as watch:
            os.rename(away, self.path("a"))
            watch.wait_quiet()
            since = watch.mark()
            os.mkdir(self.path("a", "b", "c"))
            check_end(self, watch)
            self.assertEqual(watch.told(since), [("create", "a/b/c")])

    def test_a_hundred_files_in_a_second_are_one_batch(self):
        for attempt in range(10):
            self.new_root()
            with Watch(self.root, settle="300ms") as watch:
                since, longest, begin = watch.mark(), 0, time.monotonic()
                for k in range(100):
                    last = time.monotonic()
                    self.write("f%d" % k)
                    time.sleep(0.007)  # all within a second, none at the same time
                    longest = max(longest, time.monotonic() - last)
                last = time.monotonic()
                watch.wait_for(lambda: len(watch.records) >= since + 100, what="100 records")
                arrived = [when for when, _, data in watch.chunks if data][1:]
                check_end(self, watch)
            if longest < HELD_UP:
                break
        self.assertEqual([x.seq for x in watch.records[since:since + 100]], list(range(2, 102)))
        self.assertEqual(sorted(watch.told()), sorted(("create", "f%d" % k) for k in range(100)))
        self.assertGreater(arrived[0] - last, 0.3 - HELD_UP)  # nothing before it was quiet
        self.assertLess(arrived[-1] - arrived[0], HELD_UP)
        self.assertLess(last - begin, 2)


class Renames(ChangeTest):
    def make_tree(self, top, depth=12):
        """A directory with some in it, and a deep one."""
        deep = top
        for i in range(depth):
            deep = os.path.join(deep, "d%d" % i)
            os.makedirs(self.path(deep))
            for k in range(5):
                self.write(os.path.join(deep, "f%d" % k))
        return os.path.relpath(deep, top)

    def check(self, prepare, change, want, after=None, then=()):
        """`want` is told of the change, and `then` of what is done after it."""
        for settle in SETTLES:
            with self.subTest(settle=settle):
                self.new_root()
                prepare()
                with Watch(self.root, settle=settle) as watch:
                    change()
                    watch.wait_quiet()
                    self.assertEqual(watch.told(), want)
                    since = watch.mark()
                    if after:
                        after()
                    check_end(self, watch)
                    self.assertEqual(watch.told(since), list(then))

    def test_a_directory_is_renamed_as_one_and_stays_watched(self):
        deep = self.make_tree("a")
        self.check(lambda: self.make_tree("a"), lambda: self.rename("a", "z"), [("rename", "z", "a")],
                   lambda: os.mkdir(self.path("z", deep, "new")), [("create", "z/%s/new" % deep)])

    def test_a_directory_moves_below_another(self):
        deep = self.make_tree("a")

        def prepare():
            self.make_tree("a")
            os.makedirs(self.path("to", "here"))
        self.check(prepare, lambda: self.rename("a", "to/here/b"), [("rename", "to/here/b", "a")],
                   lambda: os.unlink(self.path("to/here/b", deep, "f0")),
                   [("delete", "to/here/b/%s/f0" % deep)])

    def test_a_directory_below_moves_up_and_its_parent_below_it(self):
        def change():
            self.rename("a/d0/d1", "up")
            self.rename("a", "up/down")
        self.check(lambda: self.make_tree("a"), change,
                   [("rename", "up", "a/d0/d1"), ("rename", "up/down", "a")],
                   lambda: os.unlink(self.path("up/down/d0/f1")), [("delete", "up/down/d0/f1")])

    def test_a_directory_that_moves_out_is_gone_and_no_longer_watched(self):
        for settle in SETTLES:
            with self.subTest(settle=settle):
                self.new_root()
                self.make_tree("a")
                away = self.root + "-away"
                with Watch(self.root, settle=settle) as watch:
                    os.rename(self.path("a"), away)
                    watch.wait_record("delete", self.path("a"))  # waited for, for a while
                    told = watch.told()
                    self.assertEqual(told[-1], ("delete", "a"))
                    self.assertEqual({(x[0], x[1].split("/")[0]) for x in told}, {("delete", "a")})
                    since = watch.mark()
                    write(os.path.join(away, "d0", "unseen"))
                    check_end(self, watch)
                    self.assertEqual(watch.told(since), [])

    def test_a_directory_moves_out_and_back_in(self):
        def change():
            os.rename(self.path("a"), self.root + "-away")
            os.rename(self.root + "-away", self.path("b"))
        for settle in SETTLES:
            with self.subTest(settle=settle):
                self.new_root()
                self.make_tree("a")
                with Watch(self.root, settle=settle) as watch:
                    change()
                    check_end(self, watch)
                    self.assertEqual(watch.told(), [("rename", "b", "a")])

    def test_a_file_is_renamed_over_another(self):
        def prepare():
            self.write("a", "one")
            self.write("b", "other")
        self.check(prepare, lambda: self.rename("a", "b"), [("rename", "b", "a", "replaced")])

    def check_swap(self, prepare, after, then):
        """Three renames, whether they are those that were done or go through a name of ours."""
        for settle in SETTLES:
            with self.subTest(settle=settle):
                self.new_root()
                prepare()
                with Watch(self.root, settle=settle) as watch:
                    self.swap("one", "two")
                    watch.wait_for(lambda: len(watch.told()) >= 3, what="three renames")
                    told = watch.told()
                    if settle == "0" and {x[0] for x in told} != {"rename"}:
                        check_end(self, watch)  # a look came in the middle, 30 ms from the next
                        continue
                    aside, first, second = told[0][1], told[0][2], told[1][2]
                    self.assertEqual(sorted([first, second]), ["one", "two"])
                    self.assertEqual(told, [("rename", aside, first), ("rename", first, second),
                                            ("rename", second, aside)])
                    if settle != "0":
                        self.assertTrue(aside.endswith(".actors-swap"), told)
                    since = watch.mark()
                    after()
                    check_end(self, watch)
                    self.assertEqual(watch.told(since), then)

    def test_two_files_exchange_their_names(self):
        def prepare():
            self.write("one", "1")
            self.write("two", "22")
        self.check_swap(prepare, lambda: os.unlink(self.path("one")), [("delete", "one")])

    def test_two_directories_exchange_their_names(self):
        def prepare():
            self.make_tree("one", 2)
            self.make_tree("two", 3)
        self.check_swap(prepare, lambda: os.mkdir(self.path("one/d0/d1/d2/new")),
                        [("create", "one/d0/d1/d2/new")])


class Windows(ChangeTest):
    def save(self, name):
        with open(self.path(name + ".tmp"), "wb") as f:
            f.write(b"saved")
            f.flush()
            os.fsync(f.fileno())
        self.rename(name + ".tmp", name)

    def test_a_save_by_rename_is_one_modify(self):
        names = ["f%d" % k for k in range(50)]
        self.check_window(lambda: [self.write(x) for x in names],
                          [lambda x=x: self.save(x) for x in names],
                          [("modify", x, "replaced") for x in names])

    def test_a_save_with_a_backup_is_one_modify(self):
        self.check_window(lambda: self.write("f"),
                          [lambda: self.rename("f", "f~"), lambda: self.write("f", "new"),
                           lambda: os.unlink(self.path("f~"))],
                          [("modify", "f", "replaced")])

    def test_what_comes_and_goes_is_not_told(self):
        self.check_window(lambda: None,
                          [lambda: self.write("f"), lambda: os.makedirs(self.path("d", "e")),
                           lambda: self.write("d/e/f"), lambda: os.unlink(self.path("f")),
                           lambda: remove_tree(self.path("d"))], [])

    def test_many_writes_are_one_modify(self):
        self.check_window(lambda: self.write("f"), [lambda k=k: self.write("f", "x" * k)
                                                    for k in range(9)], [("modify", "f")])

    def test_a_write_and_a_chmod_are_one_modify(self):
        self.check_window(lambda: self.write("f"),
                          [lambda: self.write("f", "more"), lambda: os.chmod(self.path("f"), 0o600)],
                          [("modify", "f")])

    def test_a_file_deleted_and_made_again_is_replaced(self):
        self.check_window(lambda: self.write("f"),
                          [lambda: os.unlink(self.path("f")), lambda: self.write("f", "new")],
                          [("modify", "f", "replaced")])

    def test_a_new_file_is_told_under_its_last_name(self):
        self.check_window(lambda: None,
                          [lambda: self.write("a"), lambda: self.rename("a", "b"),
                           lambda: self.write("b", "more")], [("create", "b")])

    def test_a_name_there_and_back_is_nothing(self):
        self.check_window(lambda: os.makedirs(self.path("a", "b")),
                          [lambda: self.rename("a", "c"), lambda: self.rename("c", "a")], [])

    def test_a_file_becomes_a_directory(self):
        self.check_window(lambda: self.write("x"),
                          [lambda: os.unlink(self.path("x")), lambda: os.mkdir(self.path("x"))],
                          [("delete", "x"), ("create", "x")])


class Kinds(ChangeTest):
    def test_an_append_is_a_modify_with_the_size(self):
        self.write("f", "123")
        with Watch(self.root) as watch:
            write(self.path("f"), "45", "ab")
            check_end(self, watch)
            self.assertEqual({(x.type, x.get("size"), "replaced" in x) for x in watch.changes()},
                             {("modify", 5, False)})

    def test_a_new_mode_is_attrib(self):
        self.write("f")
        os.mkdir(self.path("d"))

        def change():
            os.chmod(self.path("f"), 0o600)
            os.chmod(self.path("d"), 0o700)
        for settle in SETTLES:
            self.assertEqual(self.told_of(change, settle), [("attrib", "f"), ("attrib", "d")])
            os.chmod(self.path("f"), 0o644)
            os.chmod(self.path("d"), 0o755)

    def test_links_fifos_and_what_they_lead_to(self):
        os.mkdir(self.home + "/elsewhere")
        with Watch(self.root) as watch:
            os.symlink(self.home + "/elsewhere", self.path("link"))
            os.symlink("nowhere", self.path("broken"))
            os.mkfifo(self.path("fifo"))
            watch.wait_quiet()
            write(self.path("link", "unseen"))
            write(self.home + "/elsewhere/unseen-too")
            check_end(self, watch)
            self.assertEqual([(x.type, os.path.basename(x.path), x["ftype"])
                              for x in watch.changes()],
                             [("create", b"link", "l"), ("create", b"broken", "l"),
                              ("create", b"fifo", "o")])

    def test_a_link_that_leads_elsewhere_now_is_replaced(self):
        os.symlink("here", self.path("link"))

        def change():
            os.symlink("there", self.path("link.new"))
            self.rename("link.new", "link")
        self.assertEqual(self.told_of(change, "300ms"), [("modify", "link", "replaced")])

    def test_a_file_and_a_directory_take_turns(self):
        self.write("x")
        with Watch(self.root) as watch:
            os.unlink(self.path("x"))
            os.makedirs(self.path("x", "y"))
            watch.wait_quiet()
            os.rmdir(self.path("x", "y"))
            os.rmdir(self.path("x"))
            os.mkfifo(self.path("x"))
            check_end(self, watch)
            told = [(x.type, x["ftype"], os.fsdecode(x.path)) for x in watch.changes()]
            x, y = self.path("x"), self.path("x", "y")
            self.assertEqual(told, [("delete", "f", x), ("create", "d", x), ("create", "d", y),
                                    ("delete", "d", y), ("delete", "d", x), ("create", "o", x)])

    def test_a_second_name_is_a_file_of_its_own(self):
        self.write("first")
        with Watch(self.root) as watch:
            os.link(self.path("first"), self.path("second"))
            watch.wait_quiet()
            os.unlink(self.path("first"))
            check_end(self, watch)
            told = [x for x in watch.told() if x[0] != "attrib"]
            self.assertEqual(told, [("create", "second"), ("delete", "first")])

    def test_a_second_name_is_no_rename_though_a_directory_above_the_first_moved(self):
        os.makedirs(self.path("a", "below"))
        self.write("a/below/first")
        with Watch(self.root) as watch:
            def change():
                os.link(self.path("a", "below", "first"), self.path("second"))
                self.rename("a", "b")
            self.while_stopped(watch, change)
            check_end(self, watch)
            told = [x for x in watch.told() if x[0] != "attrib"]
            self.assertEqual(sorted(told), [("create", "second"), ("rename", "b", "a")])


class Names(ChangeTest):
    def test_every_byte_a_name_can_hold(self):
        names = [bytes([x]) + b"!" for x in range(1, 256) if x != ord("/")]
        names += [b"line\nfeed\n", b"caf\xe9", b"\xff\xfe", "\U0001f600".encode(), b'"\\"', b"{\"a\":1}",
                  b"n" * 255, "\u20ac".encode() * 85, b"\xe2\x82" * 127, b" ", b"...", b"-n"]
        root = os.fsencode(self.root)
        for settle in SETTLES:
            with self.subTest(settle=settle), Watch(self.root, settle=settle) as watch:
                for name in names:
                    os.mkdir(os.path.join(root, name))
                    os.mkdir(os.path.join(root, name, name))
                check_end(self, watch)
                self.assertEqual({x.path for x in watch.changes()}, set(watch.disk()))
                self.assertEqual(len(watch.changes()), 2 * len(names))
                for name in names:
                    os.rmdir(os.path.join(root, name, name))
                    os.rmdir(os.path.join(root, name))

    def go_down(self, make):
        """A descriptor of a directory whose path has 6,000 bytes."""
        fd = os.open(self.root, os.O_RDONLY)
        for i in range(30):
            name = "%0200d" % i
            if make:
                os.mkdir(name, dir_fd=fd)
            below = os.open(name, os.O_RDONLY, dir_fd=fd)
            os.close(fd)
            fd = below
        self.addCleanup(os.close, fd)
        return fd

    def check_bottom(self, watch, fd):
        since = watch.mark()
        os.mkdir("new", dir_fd=fd)
        watch.wait_quiet()
        os.rename("new", "newer", src_dir_fd=fd, dst_dir_fd=fd)
        check_end(self, watch)
        deep = "/".join("%0200d" % i for i in range(30))
        self.assertEqual(watch.told(since), [("create", deep + "/new"),
                                             ("rename", deep + "/newer", deep + "/new")])

    def test_a_path_longer_than_path_max_that_was_there(self):
        fd = self.go_down(make=True)
        with Watch(self.root) as watch:
            self.check_bottom(watch, fd)

    def test_a_path_longer_than_path_max_that_is_made(self):
        with Watch(self.root) as watch:
            fd = self.go_down(make=True)
            watch.wait_quiet()
            self.assertEqual([x[0] for x in watch.told()], ["create"] * 30)
            self.check_bottom(watch, fd)


if __name__ == "__main__":
    unittest.main()
