#!/usr/bin/env python3
"""Several roots, the same twice, one in another, a single file, one that is not there yet, one that goes
and comes. With watches above the root all of that is noticed at once: the poll interval is a minute."""

import os
import time
import unittest

from harness import (Watch, check_end, on_each_backend, remove_tree, run_program, snapshot,
                     temporary_directory, wait_until, write)

SLOW = ("--poll-interval", "60s")
AT_ONCE = 5  # seconds: on a busy machine, and far below the interval


class RootKindTest(unittest.TestCase):
    backend = "inotify"

    def setUp(self):
        self.home = temporary_directory()
        self.addCleanup(remove_tree, self.home)
        self.root = os.path.join(self.home, "root")

    def path(self, *names):
        return os.path.join(self.root, *names)

    def make(self, root=None):
        root = root or self.root
        os.makedirs(root + "/a/b")
        write(root + "/a/b/f")
        write(root + "/g")

    def watch(self, *roots, options=(), **more):
        """A poll has no way to notice at once."""
        slow = () if self.backend == "poll" else SLOW
        return Watch(*(roots or [self.root]), options=[*slow, *options], backend=self.backend, **more)

    def waiting(self, *roots, options=(), **more):
        """Nothing is there yet; what watches it will be seen later."""
        watch = self.watch(*roots, options=["--wait-for-path", *options], wait_ready=False, **more)
        self.addCleanup(watch.close)
        for root in watch.roots:
            watch.wait_record("ready", root)
        return watch


@on_each_backend
class Several(RootKindTest):
    def test_the_same_root_twice_is_told_once(self):
        self.make()
        with self.watch(self.root, self.root + "/", self.home + "/./root",
                        told_roots=[self.root]) as watch:
            self.assertEqual([x.type for x in watch.records], ["ready"])
            write(self.path("new"))
            check_end(self, watch)
            self.assertEqual([x for x in watch.told() if x[0] == "create"], [("create", "new")])

    def test_a_root_in_another_is_told_once(self):
        self.make()
        for roots in ([self.root, self.path("a")], [self.path("a"), self.root, self.path("a", "b")]):
            with self.subTest(roots=roots), self.watch(*roots, told_roots=[self.root]) as watch:
                write(self.path("a", "b", "new%d" % len(roots)))
                check_end(self, watch)
                self.assertEqual([x.type for x in watch.records if not x.is_change()], ["ready"])
                self.assertEqual([x[1] for x in watch.told() if x[0] == "create"],
                                 ["a/b/new%d" % len(roots)])

    def test_a_link_on_the_way_keeps_both(self):
        """What lies behind the link is not in the outer tree."""
        self.make()
        self.make(self.home + "/other")
        os.symlink(self.home + "/other", self.path("link"))
        inner = self.path("link", "a")
        with self.watch(self.root, inner) as watch:
            write(self.home + "/other/a/new")
            watch.wait_record("create", inner + "/new")
            write(self.path("a", "new"))
            watch.wait_record("create", self.path("a", "new"))
            self.assertEqual(watch.stop(), 0)
            self.assertEqual(sorted(os.fsdecode(x.path) for x in watch.changes()
                                    if x.type == "create"),
                             [self.path("a", "new"), inner + "/new"])

    def test_names_that_only_begin_alike(self):
        self.make()
        self.make(self.root + "2")
        with self.watch(self.root, self.root + "2") as watch:
            write(self.root + "2/new")
            check_end(self, watch)

    def test_a_root_in_another_that_does_not_tell_all_of_it(self):
        self.make()
        with self.watch(self.root, self.path("a", "b"), options=["--no-recursive"],
                        wait_ready=False) as watch:
            watch.wait_record("ready", self.path("a", "b"))
            watch.wait_record("ready", self.root)
            write(self.path("a", "b", "new"))
            watch.wait_record("create", self.path("a", "b", "new"))


@on_each_backend
class SingleFile(RootKindTest):
    """A name in a directory; the rest of the directory is never told."""

    def setUp(self):
        super().setUp()
        os.mkdir(self.root)
        self.file = self.path("conf")
        write(self.file)
        write(self.path("neighbour"))

    def watch_file(self, *options):
        watch = self.watch(self.file, options=options)
        self.addCleanup(watch.close)
        return watch

    def storm(self):
        for i in range(50):
            write(self.path("n%d" % i))
            os.rename(self.path("n%d" % i), self.path("m%d" % i))
        write(self.path("neighbour"), b"longer")
        write(self.path("conf2"))

    def expect(self, watch, *want):
        """Each a (type, size or None), in this order, since the call before."""
        since = getattr(watch, "since", 0)
        try:
            wait_until(lambda: len(watch.changes(since)) >= len(want), 5, "")
        except AssertionError:
            pass
        time.sleep(0.15 if self.backend != "poll" else 0.3)  # whatever should not come
        told = [(x.type, x.get("size")) for x in watch.changes(since)
                if x.type != "attrib" and (x.type, x.get("size")) != ("modify", 0)]  # open()
        told = [x for i, x in enumerate(told) if i == 0 or x != told[i - 1]]  # two writes may be told
        self.assertEqual(told, list(want), watch.describe())
        self.assertEqual({os.fsdecode(x.path) for x in watch.changes()}, {self.file})
        watch.since = watch.mark()

    def test_changes_of_the_file_and_of_no_other(self):
        watch = self.watch_file()
        ready = watch.records[0]
        self.assertEqual((ready.root, ready["dirs"], ready["files"]), (os.fsencode(self.file), 0, 1))
        self.storm()
        write(self.file, b"longer")
        self.expect(watch, ("modify", 6))
        self.assertEqual(watch.stop(), 0)

    def test_it_is_replaced(self):
        watch = self.watch_file()
        for size in (2, 3):
            write(self.path("conf.tmp"), b"x" * size)
            os.rename(self.path("conf.tmp"), self.file)
            self.expect(watch, ("modify", size))
            self.assertTrue(watch.changes()[-1].get("replaced"))
        write(self.file, b"in place")
        self.expect(watch, ("modify", 8))
        self.assertEqual(watch.stop(), 0)

    def test_it_is_deleted_and_made_again_and_again(self):
        watch = self.watch_file()
        for size in (2, 3, 4):
            os.unlink(self.file)
            self.expect(watch, ("delete", None))
            self.storm()
            write(self.path("aside"), b"x" * size)
            os.rename(self.path("aside"), self.file)
            self.expect(watch, ("create", size))
        os.rename(self.file, self.path("away"))
        self.expect(watch, ("delete", None))
        os.rename(self.path("away"), self.file)
        self.expect(watch, ("create", 4))
        write(self.file, b"xxxxx")
        self.expect(watch, ("modify", 5))
        self.assertEqual(watch.stop(), 0)

    def test_its_directory_goes_and_comes(self):
        watch = self.watch_file()
        os.rename(self.root, self.root + "-away")
        watch.wait_record("root_lost", self.file, deadline=AT_ONCE)
        self.expect(watch, ("delete", None))
        write(self.root + "-away/conf", b"unseen")
        os.rename(self.root + "-away", self.root)
        watch.wait_record("root_back", self.file, deadline=AT_ONCE)
        self.expect(watch, ("create", 6))
        write(self.file, b"longer than it")
        self.expect(watch, ("modify", 14))
        self.assertEqual(watch.stop(), 0)

    def test_exit_on_lost_is_about_the_directory(self):
        """A file that is deleted may be about to be replaced: the watch goes on. With its directory gone
        there is nothing left to watch."""
        watch = self.watch_file("--exit-on-lost")
        os.unlink(self.file)
        self.expect(watch, ("delete", None))
        write(self.path("aside"), b"xx")
        os.rename(self.path("aside"), self.file)
        self.expect(watch, ("create", 2))
        remove_tree(self.root)
        self.assertEqual(watch.wait_exit(), 3, watch.describe())
        self.assertEqual([x.type for x in watch.records][-2:], ["delete", "root_lost"])

    def test_initial(self):
        watch = self.watch_file("--initial")
        self.assertEqual([(x.type, x.path) for x in watch.records][:1],
                         [("create", os.fsencode(self.file))])

    def test_a_link_to_a_file(self):
        """The name is what is watched, so a switch of the link is a change, by whatever path."""
        os.symlink("conf", self.path("link"))
        with self.watch(self.path("link")) as watch:
            os.symlink("neighbour", self.path("link2"))
            os.rename(self.path("link2"), self.path("link"))
            record = watch.wait_for(lambda: watch.changes(), AT_ONCE)[0]
            self.assertEqual((record.type, os.fsdecode(record.path)), ("modify", self.path("link")))
            self.assertEqual(watch.stop(), 0)


class SingleFileAndFilters(RootKindTest):
    def test_a_file_that_was_named_is_told_whatever_the_depth(self):
        os.mkdir(self.root)
        write(self.path("conf"))
        with self.watch(self.path("conf"), options=["--no-recursive"]) as watch:
            write(self.path("conf"), b"longer")
            watch.wait_record("modify", self.path("conf"), deadline=AT_ONCE)

    def test_a_file_next_to_a_directory_root(self):
        self.make()
        with self.watch(self.path("a"), self.path("g")) as watch:
            write(self.path("g"), b"longer")
            watch.wait_record("modify", self.path("g"), deadline=AT_ONCE)
            write(self.path("a", "new"))
            watch.wait_record("create", self.path("a", "new"), deadline=AT_ONCE)

    def test_a_file_in_a_directory_root_is_told_once(self):
        self.make()
        with self.watch(self.root, self.path("g"), told_roots=[self.root]) as watch:
            write(self.path("g"), b"longer")
            check_end(self, watch)
            self.assertEqual({x[0] for x in watch.told() if x[1] == "g"}, {"modify"})


@on_each_backend
class NotYet(RootKindTest):
    def test_without_the_option_it_is_66(self):
        done = run_program("watch", self.root, "--admin", self.home + "/a")
        self.assertEqual(done.returncode, 66)
        self.assertIn(self.root, done.stderr)

    def test_a_root_that_is_made(self):
        watch = self.waiting()
        self.assertEqual([x.type for x in watch.records[:2]], ["ready", "root_lost"])
        self.make()
        watch.wait_record("root_back", deadline=AT_ONCE)
        watch.wait_equal()
        write(self.path("a", "b", "later"))
        check_end(self, watch)

    def test_a_root_that_is_made_deep(self):
        top = self.root
        self.root = os.path.join(top, "x", "y", "z")
        watch = self.waiting()
        for step in (top, top + "/x", top + "/x/y"):
            os.mkdir(step)
            time.sleep(0.05)  # each step is noticed by itself
        os.mkdir(self.root)
        watch.wait_record("root_back", deadline=AT_ONCE)
        write(self.path("new"))
        check_end(self, watch)

    def test_a_root_that_is_made_deep_at_one_go(self):
        top = self.root
        self.root = os.path.join(top, "x", "y", "z")
        watch = self.waiting()
        self.make(top + "2/x/y/z")
        os.rename(top + "2", top)
        watch.wait_record("root_back", deadline=AT_ONCE)
        watch.wait_equal()
        remove_tree(top)
        watch.wait_record("root_lost", since=2, deadline=AT_ONCE)
        since = watch.mark()
        self.make()
        watch.wait_record("root_back", since=since, deadline=AT_ONCE)
        check_end(self, watch)

    def test_a_root_that_is_made_as_a_file(self):
        os.mkdir(self.root)
        file = self.path("conf")
        watch = self.waiting(file)
        write(self.path("other"))
        write(file, b"xx")
        watch.wait_record("create", file, deadline=AT_ONCE)
        write(file, b"xxx")
        watch.wait_record("modify", file, deadline=AT_ONCE)
        os.unlink(file)
        watch.wait_record("delete", file, deadline=AT_ONCE)
        since = watch.mark()
        write(file, b"xxxx")
        watch.wait_record("create", file, since=since, deadline=AT_ONCE)
        self.assertEqual(watch.stop(), 0)
        self.assertEqual({os.fsdecode(x.path) for x in watch.changes()}, {file})

    def test_one_is_there_and_one_is_not(self):
        self.make()
        other = self.home + "/other"
        watch = self.waiting(self.root, other)
        write(self.path("new"))
        watch.wait_record("create", self.path("new"), deadline=AT_ONCE)
        os.mkdir(other)
        watch.wait_record("root_back", other, deadline=AT_ONCE)
        check_end(self, watch)


@on_each_backend
class Gone(RootKindTest):
    def setUp(self):
        super().setUp()
        self.make()

    def test_deleted_and_back_several_times(self):
        with self.watch() as watch:
            for _ in range(3):
                since = watch.mark()
                remove_tree(self.root)
                watch.wait_record("root_lost", since=since, deadline=AT_ONCE)
                self.make()
                watch.wait_record("root_back", since=since, deadline=AT_ONCE)
                watch.wait_equal()
            check_end(self, watch)

    def test_deleted_and_made_at_one_go(self):
        with self.watch() as watch:
            for i in range(10):
                remove_tree(self.root)
                self.make()
                write(self.path("n%d" % i))
            write(self.path("last"))
            watch.wait_record("create", self.path("last"), deadline=2 * AT_ONCE)
            check_end(self, watch)

    def test_replaced_by_another(self):
        self.make(self.home + "/other")
        write(self.home + "/other/h")
        with self.watch() as watch:
            os.rename(self.root, self.root + "-away")
            os.rename(self.home + "/other", self.root)
            watch.wait_record("root_back", deadline=AT_ONCE)
            write(self.root + "-away/unseen")
            watch.wait_equal()
            check_end(self, watch)

    def test_a_directory_above_is_renamed_away_and_back(self):
        above = self.home + "/above"
        os.makedirs(above + "/more")
        os.rename(self.root, above + "/more/root")
        self.root = above + "/more/root"
        with self.watch() as watch:
            for _ in range(2):
                since = watch.mark()
                os.rename(above, above + "-away")
                watch.wait_record("root_lost", since=since, deadline=AT_ONCE)
                write(above + "-away/more/root/g", b"not to be seen yet")
                os.rename(above + "-away", above)
                watch.wait_record("root_back", since=since, deadline=AT_ONCE)
                watch.wait_equal()
            check_end(self, watch)

    def test_a_link_on_the_way_is_switched(self):
        releases = self.home + "/releases"
        for release in ("41", "42"):
            self.make(releases + "/" + release)
            write(releases + "/" + release + "/only-" + release)
        current = self.home + "/current"
        os.symlink("releases/41", current)
        with self.watch(current) as watch:
            since = watch.mark()
            os.symlink("releases/42", current + ".new")
            os.rename(current + ".new", current)
            watch.wait_record("root_lost", since=since, deadline=AT_ONCE)
            watch.wait_record("root_back", since=since, deadline=AT_ONCE)
            watch.wait_equal()
            write(releases + "/41/unseen")
            write(releases + "/42/seen")
            check_end(self, watch)
            self.assertIn(os.fsencode(current) + b"/only-42", [x.path for x in watch.changes()])

    def test_a_link_above_the_root_is_switched(self):
        releases = self.home + "/releases"
        for release in ("41", "42"):
            self.make(releases + "/" + release + "/app")
            write(releases + "/" + release + "/app/only-" + release)
        current = self.home + "/current"
        os.symlink("releases/41", current)
        with self.watch(current + "/app") as watch:
            os.unlink(current)
            watch.wait_record("root_lost", deadline=AT_ONCE)
            os.symlink("releases/42", current)
            watch.wait_record("root_back", deadline=AT_ONCE)
            watch.wait_equal()
            check_end(self, watch)

    def test_what_the_link_leads_to_is_renamed_away(self):
        """The way to the root goes through a directory that is not written in it."""
        os.makedirs(self.home + "/store")
        os.rename(self.root, self.home + "/store/root")
        os.symlink("store/root", self.root)
        with self.watch() as watch:
            os.rename(self.home + "/store/root", self.home + "/store/away")
            watch.wait_record("root_lost", deadline=AT_ONCE)
            os.rename(self.home + "/store/away", self.home + "/store/root")
            watch.wait_record("root_back", deadline=AT_ONCE)
            watch.wait_equal()
            check_end(self, watch)


if __name__ == "__main__":
    unittest.main()
