#!/usr/bin/env python3
"""What a service manager is told, and how: the protocol of sd_notify(3), spoken to a socket of ours."""

import os
import select
import socket
import subprocess
import tempfile
import time
import unittest

from harness import BINARY, PATIENCE, Timeout, wait_until, write


class Service:
    """The program as systemd would start it."""

    def __init__(self, test, *arguments, watchdog=None, env=None):
        folder = tempfile.TemporaryDirectory()
        test.addCleanup(folder.cleanup)
        self.root = os.path.join(folder.name, "root")
        self.runtime = os.path.join(folder.name, "run")
        os.mkdir(self.root)
        os.mkdir(self.runtime)
        self.manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        test.addCleanup(self.manager.close)
        self.manager.bind(os.path.join(folder.name, "notify"))
        self.manager.settimeout(PATIENCE)
        with_manager = {**os.environ, "NOTIFY_SOCKET": self.manager.getsockname(),
                        "RUNTIME_DIRECTORY": self.runtime, **(env or {})}
        if watchdog:
            with_manager["WATCHDOG_USEC"] = str(int(watchdog * 1e6))
        self.process = subprocess.Popen([BINARY, "watch", self.root, *arguments], env=with_manager,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.is_asked_to_stop = False
        test.addCleanup(self.end)

    def ask_to_stop(self):
        self.is_asked_to_stop = True
        self.process.terminate()

    def end(self):
        """The exit code."""
        if self.process.poll() is None and not self.is_asked_to_stop:
            self.ask_to_stop()
        if not self.process.stdout.closed:
            self.process.communicate(timeout=60)
        return self.process.returncode

    def hear(self):
        return self.manager.recv(4096).decode()

    def hear_until(self, wanted):
        heard = []
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            heard.append(self.hear())
            if wanted in heard[-1]:
                return heard
        raise Timeout("%r is not among %r" % (wanted, heard))

    def drain(self):
        heard = []
        while select.select([self.manager], [], [], 0)[0]:
            heard.append(self.hear())
        return heard


class ServiceLife(unittest.TestCase):
    def test_ready_status_and_stopping_are_told_in_that_order(self):
        service = Service(self)
        heard = service.hear_until("STATUS=3 of 3 parts ready")
        self.assertEqual([x for x in heard if "READY" in x], ["READY=1"])
        self.assertLess(heard.index("READY=1"), len(heard) - 1)
        service.ask_to_stop()
        service.hear_until("STOPPING=1")
        self.assertEqual(service.end(), 0)
        self.assertFalse([x for x in service.drain() if "READY" in x])

    def test_it_is_not_ready_before_every_part_is(self):
        service = Service(self, env={"ACTORS_FAULT": "watcher.on_start:throw@1", "ACTORS_FAULT_BACKOFF": "300ms"})
        heard = service.hear_until("READY=1")
        self.assertTrue([x for x in heard if "1 backing_off" in x and "injected fault" in x], heard)

    def test_a_crash_is_in_the_status_and_a_text_ends_no_line(self):
        service = Service(self, "--settle", "0",
                          env={"ACTORS_FAULT": "emitter:throw@2", "ACTORS_FAULT_BACKOFF": "1m"}, watchdog=0.2)
        service.hear_until("READY=1")
        write(os.path.join(service.root, "a"))
        told = service.hear_until("1 backing_off")[-1]
        self.assertIn("watch/emitter: injected fault", told)
        self.assertNotIn("\n", told)

    def test_the_watchdog_hears_twice_in_its_time(self):
        service = Service(self, watchdog=1)
        service.hear_until("WATCHDOG=1")
        began = time.monotonic()
        for _ in range(4):
            service.hear_until("WATCHDOG=1")
        # Four halves of a second; a loaded machine may be late, but nobody is early.
        self.assertGreater(time.monotonic() - began, 1.5)

    def test_without_a_watchdog_none_is_told(self):
        service = Service(self, watchdog=None)
        service.hear_until("parts ready")
        write(os.path.join(service.root, "a"))
        service.process.stdout.readline()
        self.assertFalse([x for x in service.drain() if "WATCHDOG" in x])

    def test_the_watchdog_lives_through_a_drain(self):
        service = Service(self, "--settle", "0", watchdog=0.2,
                          env={"ACTORS_FAULT": "emitter:stall@2=1500ms"})
        service.hear_until("READY=1")
        write(os.path.join(service.root, "a"))
        service.process.stdout.readline()
        service.process.stdout.readline()  # written, and now it stalls
        service.ask_to_stop()
        service.hear_until("STOPPING=1")
        for _ in range(3):
            service.hear_until("WATCHDOG=1")
        self.assertEqual(service.end(), 0)

    def test_its_admin_socket_is_in_the_directory_of_the_service(self):
        service = Service(self)
        service.hear_until("READY=1")
        path = os.path.join(service.runtime, "%d.sock" % service.process.pid)
        wait_until(lambda: os.path.exists(path), what=path)
        link = service.runtime + "-link"  # as systemd makes it for a dynamic user
        os.symlink(service.runtime, link)
        done = subprocess.run([BINARY, "status"], env={**os.environ, "RUNTIME_DIRECTORY": link},
                              capture_output=True, text=True, timeout=60)
        self.assertIn("watch", done.stdout)
        self.assertEqual(done.returncode, 0)

    def test_a_manager_that_is_gone_or_never_was_is_no_trouble(self):
        service = Service(self)
        service.hear_until("READY=1")
        service.manager.close()
        write(os.path.join(service.root, "a"))
        service.process.stdout.readline()
        self.assertEqual(service.end(), 0)
        service = Service(self, env={"NOTIFY_SOCKET": "/nowhere/at/all"})
        self.assertIn(b"ready", service.process.stdout.readline())
        self.assertEqual(service.end(), 0)


class Journal(unittest.TestCase):
    def log_of(self, *arguments, to_journal=True):
        """The lines of a run whose standard error is, as far as it can see, the journal."""
        with tempfile.TemporaryDirectory() as root:
            reader, writer = os.pipe()
            st = os.fstat(writer)
            stream = "%d:%d" % (st.st_dev, st.st_ino if to_journal else st.st_ino + 1)
            done = subprocess.Popen(
                [BINARY, "watch", root, "-v", "-t", "400ms", *arguments], stdout=subprocess.DEVNULL, stderr=writer,
                env={**os.environ, "JOURNAL_STREAM": stream, "XDG_RUNTIME_DIR": root,
                     "ACTORS_FAULT": "debouncer:throw@1", "ACTORS_FAULT_BACKOFF": "10ms"})
            os.close(writer)
            with os.fdopen(reader) as log:
                lines = log.read().splitlines()
            done.wait(60)
            return lines

    def test_lines_bear_their_priority_and_no_time(self):
        lines = self.log_of()
        self.assertTrue([x for x in lines if x.startswith("<4>warning event=child_crashed ")], lines)
        self.assertTrue([x for x in lines if x.startswith("<6>info event=child_ready ")], lines)
        self.assertTrue([x for x in lines if x.startswith("<7>debug event=child_starting ")], lines)

    def test_json_bears_both(self):
        lines = self.log_of("--log-format", "json")
        self.assertTrue([x for x in lines if x.startswith('<4>{"time":"') and x.endswith("}")], lines)

    def test_a_stream_that_is_not_the_journal_is_as_ever(self):
        lines = self.log_of(to_journal=False)
        self.assertTrue(lines)
        for x in lines:
            self.assertRegex(x, r"^\d{4}-\d\d-\d\dT")


if __name__ == "__main__":
    unittest.main()
