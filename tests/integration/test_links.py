#!/usr/bin/env python3
"""Nodes, links and collectors as processes: strangers at the door, kill -9, SIGSTOP, and what is stored.

    ACTORS_BINARY=... LINKS_CHAOS_SECONDS=60 tests/integration/test_links.py [Class[.test]]
"""

import contextlib
import os
import random
import socket
import struct
import sys
import threading
import time
import unittest

from harness import (SANITIZED, finish_storm, remove_tree, start_storm, temporary_directory, wait_until, write)
from nodes import (BASP, PREFACE, Collector, Watcher, client_context, connect, make_certificates,
                   wait_stored)

CHAOS_SECONDS = float(os.environ.get("LINKS_CHAOS_SECONDS", "6"))
STRANGERS = int(os.environ.get("LINKS_STRANGERS", "10000"))
SEED = int(os.environ.get("LINKS_SEED", "20261126"))


def say(text):
    print("# " + text, file=sys.stderr)


class LinksTest(unittest.TestCase):
    def setUp(self):
        self.home = temporary_directory()
        self.addCleanup(remove_tree, self.home)
        self.root = self.new_root("root")

    def new_root(self, name):
        path = os.path.join(self.home, name)
        os.mkdir(path)
        return path

    def keep(self, process):
        self.addCleanup(process.kill)
        return process

    def collector(self, **more):
        return self.keep(Collector(self.home, **more))

    def watcher(self, *collectors, root=None, **more):
        return self.keep(Watcher(self.home, root or self.root, *collectors, **more))

    def certificates(self, *names):
        return make_certificates(os.path.join(self.home, "certs"), "collector", *names)

    def check_store(self, collector):
        self.assertEqual(collector.faults(), [], collector.log[-2000:])


# -- strangers -----------------------------------------------------------------------------------------

class Crowd:
    """So many connections, of a seeded mix, from a few threads."""

    def __init__(self, address, count, seed, contexts=()):
        self.address, self.contexts = address, contexts
        self.left = count
        self.lock = threading.Lock()
        self.held = []
        self.failed = 0
        self.threads = [threading.Thread(target=self.run, args=(random.Random((seed, i).__repr__()),))
                        for i in range(6)]
        for each in self.threads:
            each.start()

    def finish(self):
        for each in self.threads:
            each.join()
        for each in self.held:
            each.close()

    def run(self, rng):
        while True:
            with self.lock:
                if self.left == 0:
                    return
                self.left -= 1
            try:
                with contextlib.ExitStack() as ending:
                    self.one(rng, ending)
            except OSError:  # turned away in the middle of it, as it should be
                with self.lock:
                    self.failed += 1

    def one(self, rng, ending):
        peer = ending.enter_context(connect(self.address))
        kind = rng.randrange(100)
        if self.contexts and kind < 6:
            peer = ending.enter_context(rng.choice(self.contexts).wrap_socket(peer))
            peer.sendall(rng.choice([BASP, PREFACE, PREFACE[:5], rng.randbytes(50), PREFACE + BASP,
                                     PREFACE + rng.randbytes(500)]))
        elif kind < 30:
            peer.sendall(rng.randbytes(rng.randrange(1, 200)))
        elif kind < 45:
            peer.sendall(BASP)
        elif kind < 55:
            peer.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        elif kind < 70:
            peer.sendall(PREFACE + struct.pack("<IBBHI", rng.choice([0, 12, 2**20, 2**32 - 1]),
                                               rng.randrange(12), 0, 0, rng.randrange(2**32)))
        elif kind < 80:
            peer.sendall(PREFACE[:rng.randrange(16)])
        elif kind < 85:  # a reset
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        if kind % 7 == 0:  # silent, and stays for a while
            with self.lock:
                self.held.append(ending.pop_all())
                oldest = self.held.pop(0) if len(self.held) > 400 else None
            if oldest is not None:
                oldest.close()


class Strangers(LinksTest):
    def storm(self, collector, leaf, contexts=()):
        leaf.wait_up()
        count = STRANGERS // 2
        names = iter(range(10 ** 9))

        def one_more(deadline):
            path = os.path.join(self.root, "f%d" % next(names))
            write(path)
            wait_until(lambda: collector.query("SELECT 1 FROM events WHERE path = ?", path), deadline,
                       "the record of %s\n%s" % (path, collector.log[-2000:]), interval=0.05)

        one_more(10)
        warm = Crowd(collector.address, count // 20, SEED, contexts)
        warm.finish()
        before, descriptors = collector.resident_kib(), collector.descriptors()
        began = time.monotonic()
        crowd = Crowd(collector.address, count, SEED + 1, contexts)
        slowest = 0.0
        while any(x.is_alive() for x in crowd.threads):
            at = time.monotonic()
            one_more(10)
            slowest = max(slowest, time.monotonic() - at)
            time.sleep(0.1)
        took = time.monotonic() - began
        crowd.finish()
        self.assertTrue(collector.is_alive(), collector.log[-3000:])
        wait_until(lambda: collector.descriptors() <= descriptors + 4, 15, "the descriptors are given back")
        spent, at = collector.processor_seconds(), time.monotonic()
        time.sleep(1)
        load = (collector.processor_seconds() - spent) / (time.monotonic() - at)
        grown = collector.resident_kib() - before
        one_more(10)
        say("%d strangers in %.1f s (%d broken off), slowest record %.2f s, memory %+d KiB of %d, load afterwards "
            "%.0f %%, log %d bytes" % (count, took, crowd.failed, slowest, grown, before, 100 * load,
                                       len(collector.log)))
        self.assertLess(load, 0.3)
        self.assertLess(grown, (80 if SANITIZED else 12) * 1024)
        self.assertLess(len(collector.log), 200_000)
        self.assertNotIn("link_lost", leaf.log)
        self.check_store(collector)

    def test_thousands_at_the_plain_port_are_turned_away_and_a_good_link_is_served(self):
        collector = self.collector()
        self.storm(collector, self.watcher(collector))

    def test_thousands_at_the_tls_port_are_turned_away_and_a_good_link_is_served(self):
        certificates = self.certificates("leaf", "stranger")
        collector = self.collector(certificates=certificates, allow=("leaf",))
        contexts = [client_context(certificates, x) for x in ("leaf", "stranger", None)]
        self.storm(collector, self.watcher(collector), contexts)


# -- nodes that fail -----------------------------------------------------------------------------------

class Failures(LinksTest):
    def test_a_collector_that_is_killed_is_missed_within_a_second_and_nothing_is_lost(self):
        collector = self.collector()
        leaf = self.watcher(collector)
        leaf.wait_up()
        for number in range(3):
            writer = start_storm(self.root, self.new_root("outside%d" % number), SEED + number, 400)
            since = leaf.mark()
            collector.kill()
            at = time.monotonic()
            leaf.wait_log("link_lost", 5, since)
            self.assertLess(time.monotonic() - at, 2.0)  # a second, on a machine that is busy
            collector.restart()
            finish_storm(writer)
            leaf.wait_log("link_up", since=since)  # otherwise the next kill takes no link from it
        wait_stored(collector, leaf)
        self.check_store(collector)
        self.assertEqual(len(collector.streams()), 1)

    def test_a_collector_that_is_stopped_is_missed_within_the_deadline(self):
        collector = self.collector()
        leaf = self.watcher(collector)
        leaf.wait_up()
        collector.freeze()
        at = time.monotonic()
        leaf.wait_log("link_lost", 15)
        took = time.monotonic() - at
        collector.thaw()
        self.assertLess(took, 12.0)  # the deadline is 10 s
        self.assertGreater(took, 5.0)
        write(os.path.join(self.root, "after"))
        wait_stored(collector, leaf)
        self.check_store(collector)

    def test_a_stopped_collector_costs_its_sender_no_memory(self):
        collector = self.collector()
        leaf = self.watcher(collector)
        leaf.wait_up()
        finish_storm(start_storm(self.root, self.new_root("outside"), SEED, 2000))
        wait_stored(collector, leaf)
        before = leaf.resident_kib()
        collector.freeze()
        finish_storm(start_storm(self.root, self.new_root("outside2"), SEED + 1, 20_000), deadline=120)
        grown = leaf.resident_kib() - before
        collector.thaw()
        say("20,000 changes with a stopped collector: %+d KiB of %d" % (grown, before))
        self.assertLess(grown, (120 if SANITIZED else 24) * 1024)  # window and mailboxes; no more
        wait_stored(collector, leaf, 60)
        self.check_store(collector)

    def test_two_tiers_have_everything_once_though_the_middle_is_killed(self):
        top = self.collector(name="top")
        middle = self.collector(name="middle", options=("--forward", top.address))
        leaf = self.watcher(middle)
        leaf.wait_up()
        for number in range(3):
            writer = start_storm(self.root, self.new_root("outside%d" % number), SEED + number, 300)
            middle.restart()
            finish_storm(writer)
        wait_stored(middle, leaf)
        wait_stored(top, leaf)
        for each in (middle, top):
            self.check_store(each)
        self.assertEqual(top.streams(), middle.streams())


class Chaos(LinksTest):
    """kill -9 and SIGSTOP on both sides, while somebody writes."""

    def chaos(self, victims, seconds, leaf, collector):
        rng = random.Random(SEED)
        until = time.monotonic() + seconds
        counts = {"kill": 0, "stop": 0}
        rounds = 0
        while time.monotonic() < until:
            writer = start_storm(self.root, self.new_root("outside%d" % rounds), SEED + rounds, 150, "w%d" % rounds)
            rounds += 1
            victim = rng.choice(victims)
            time.sleep(rng.uniform(0, 0.3))  # the moment is what is random here
            if rng.random() < 0.6:
                victim.kill()
                time.sleep(rng.uniform(0, 0.3))
                victim.start()
                counts["kill"] += 1
            else:
                victim.freeze()
                time.sleep(rng.uniform(0, 1.0))
                victim.thaw()
                counts["stop"] += 1
            finish_storm(writer)
        for each in victims:
            if not each.is_alive():
                each.start()
        write(os.path.join(self.root, "last"))
        wait_stored(collector, leaf, 60)
        self.assertEqual(leaf.stop(), 0, leaf.log[-2000:])
        if leaf.spool:
            self.assertEqual(leaf.spooled(), 0)
        streams = collector.streams()
        say("%.0f s: %d kills, %d stops, %d streams, %d records" % (
            seconds, counts["kill"], counts["stop"], len(streams), sum(x[0] for x in streams.values())))
        self.check_store(collector)

    def test_with_a_spool_both_sides_may_be_killed(self):
        collector = self.collector()
        leaf = self.watcher(collector, spool=os.path.join(self.home, "spool.db"),
                            options=("--state", os.path.join(self.home, "state")))
        leaf.wait_up()  # what was there before is not told
        self.chaos([collector, leaf], CHAOS_SECONDS, leaf, collector)

    def test_without_a_spool_the_collector_may_be_killed(self):
        collector = self.collector()
        leaf = self.watcher(collector)
        leaf.wait_up()
        self.chaos([collector], CHAOS_SECONDS / 2, leaf, collector)
        self.assertEqual(len(collector.streams()), 1)


if __name__ == "__main__":
    unittest.main()
