"""The doors of the program: every route, every verb, and clients that mean no good."""

import contextlib
import fcntl
import http.client
import json
import os
import pty
import re
import select
import shutil
import signal
import socket
import ssl
import struct
import subprocess
import termios
import threading
import time
import unittest

from harness import (BINARY, PATIENCE, SANITIZED, Timeout, Watch, remove_tree, run_program, temporary_directory,
                     wait_until, write)

SAMPLE = re.compile(r'^([a-z_]+)(\{(?:[a-z]+="(?:[^"\\]|\\.)*",?)*\})? (\S+)$')


class Running(unittest.TestCase):
    def setUp(self):
        self.root = temporary_directory()
        self.addCleanup(remove_tree, self.root)

    def watch(self, *options, http=True, **more):
        arguments = (["--http", "127.0.0.1:0"] if http else []) + ["-v", *options]
        running = Watch(self.root, options=arguments, **more)
        self.addCleanup(running.close)
        if http:
            found = wait_until(lambda: re.search(r"address=(https?)://127.0.0.1:(\d+)", running.log),
                               what="the port in the log")
            self.scheme, self.port = found[1], int(found[2])
        return running

    def ask(self, path, method="GET", headers=None, unix=None, context=None, body=None):
        if unix:
            connection = http.client.HTTPConnection("localhost", timeout=PATIENCE)
            connection.sock = socket.socket(socket.AF_UNIX)
            connection.sock.settimeout(PATIENCE)
            connection.sock.connect(unix)
        elif self.scheme == "https":
            connection = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=PATIENCE,
                                                     context=context)
        else:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        with contextlib.closing(connection):
            connection.request(method, path, body=body, headers=headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read().decode()

    def samples(self):
        status, text = self.ask("/metrics")
        self.assertEqual(status, 200)
        found = {}
        for line in text.splitlines():
            if not line.startswith("#"):
                match = SAMPLE.match(line)
                self.assertTrue(match, line)
                found[match[1] + (match[2] or "")] = float(match[3])
        return found

    def verb(self, watch, *words, **more):
        return run_program(*words, "--admin", watch.admin, **more)


class Routes(Running):
    def test_every_question_is_answered_on_both_doors(self):
        watch = self.watch()
        for unix in (None, watch.admin):
            for path, kind in (("/", "<!DOCTYPE html>"), ("/healthz", "live"), ("/readyz", "ready"),
                               ("/health", '{"node"'), ("/events", '{"events"'),
                               ("/dead_letters", '{"dead_letters"'), ("/metrics", "# HELP")):
                status, text = self.ask(path, unix=unix)
                self.assertEqual((status, text[:len(kind)]), (200, kind), path)
            self.assertEqual(self.ask("/nothing", unix=unix)[0], 404)
            self.assertEqual(self.ask("/health", "PUT", unix=unix)[0], 405)
            self.assertEqual(self.ask("/reload", "POST", unix=unix)[0], 501)
            self.assertEqual(self.ask("/children/watch/no/reset", "POST", unix=unix)[0], 404)
            self.assertEqual(self.ask("/children/watch/emitter/reset", "POST", unix=unix)[0], 409)

    def test_metrics_are_of_what_happened(self):
        watch = self.watch()
        for number in range(20):
            write(os.path.join(self.root, "f%d" % number))
        watch.wait_quiet()
        found = self.samples()
        creates = 'actors_events_total{child="watch/emitter",type="create"}'
        self.assertGreaterEqual(found[creates], 21)
        self.assertEqual(found["actors_up"], 1)
        self.assertEqual(found['actors_watch_overflows_total{root="%s"}' % self.root], 0)
        count = 'actors_event_latency_seconds_count{child="watch/emitter"}'
        self.assertGreaterEqual(found[count], 21)
        self.assertEqual(
            found['actors_event_latency_seconds_bucket{child="watch/emitter",le="+Inf"}'],
            found[count])

    def test_an_injected_crash_is_in_the_stream_and_a_reset_ends_the_wait(self):
        watch = self.watch(env={"ACTORS_FAULT": "debouncer.on_batch:throw@2",
                                "ACTORS_FAULT_BACKOFF": "60s"}, settle="20ms")
        with socket.create_connection(("127.0.0.1", self.port), PATIENCE) as stream:
            stream.sendall(b"GET /stream HTTP/1.1\r\nHost: localhost\r\n\r\n")
            read_until(stream, b"event: health")
            write(os.path.join(self.root, "a"))
            text = read_until(stream, b"child_backing_off")
            self.assertIn(b"event: transition", text)
            self.assertIn(b'"event":"child_crashed","child":"watch/debouncer"', text)
            status, text = self.ask("/children/watch/debouncer/reset", "POST")
            self.assertEqual((status, text), (200, "watch/debouncer starts\n"))
            read_until(stream, b'"event":"child_ready","child":"watch/debouncer"')
        watch.wait_record("create", os.path.join(self.root, "a"))

    def test_the_door_is_gone_with_the_program(self):
        watch = self.watch()
        with socket.create_connection(("127.0.0.1", self.port), PATIENCE) as stream:
            stream.sendall(b"GET /stream HTTP/1.1\r\nHost: localhost\r\n\r\n")
            read_until(stream, b"event: health")
            begin = time.monotonic()
            self.assertEqual(watch.stop(), 0)
            self.assertLess(time.monotonic() - begin, 3)
        self.assertFalse(os.path.exists(watch.admin))


def read_until(peer, wanted, deadline=PATIENCE):
    text = b""
    until = time.monotonic() + deadline
    while wanted not in text:
        peer.settimeout(max(0.01, until - time.monotonic()))
        try:
            more = peer.recv(65536)
        except (TimeoutError, socket.timeout):
            raise Timeout("not within %.1f s: %r in %r" % (deadline, wanted, text[-2000:])) from None
        if not more:
            raise Timeout("the end before %r: %r" % (wanted, text[-2000:]))
        text += more
    return text


class Hostile(Running):
    def test_pages_of_others_can_neither_read_nor_reset(self):
        self.watch()
        own = "127.0.0.1:%d" % self.port
        self.assertEqual(self.ask("/health", headers={"Host": "evil.example"})[0], 403)
        self.assertEqual(self.ask("/stop", "POST", headers={"Origin": "http://evil.example"})[0], 403)
        self.assertEqual(self.ask("/stop", "POST", headers={"Origin": "null"})[0], 403)
        for origin in ("http://" + own, None):
            headers = {"Host": own, **({"Origin": origin} if origin else {})}
            self.assertEqual(self.ask("/children/watch/x/reset", "POST", headers=headers)[0], 404)

    def test_a_crowd_and_its_garbage_do_not_keep_others_out(self):
        watch = self.watch()
        with contextlib.ExitStack() as stack:
            for number in range(200):
                try:
                    peer = stack.enter_context(
                        socket.create_connection(("127.0.0.1", self.port), PATIENCE))
                    if number % 3 == 0:
                        peer.sendall(b"GET / HTTP/1.1\r\nX: ")
                    elif number % 3 == 1:
                        peer.sendall(os.urandom(300))
                except OSError:
                    pass  # cut off already
            self.assertEqual(self.ask("/healthz")[0], 200)
            self.assertEqual(self.ask("/healthz", unix=watch.admin)[0], 200)
            threads = len(os.listdir("/proc/%d/task" % watch.pid))
            self.assertLess(threads, 180)
            begin = time.monotonic()
            self.assertEqual(watch.stop(), 0)
            self.assertLess(time.monotonic() - begin, 3)

    def test_ten_megabytes_of_headers_are_cut_short(self):
        watch = self.watch()
        before = watch.memory_peak_kib()
        with socket.create_connection(("127.0.0.1", self.port), PATIENCE) as peer:
            try:
                peer.sendall(b"GET / HTTP/1.1\r\n")
                for _ in range(10000):
                    peer.sendall(b"X-Junk: " + b"x" * 1000 + b"\r\n")
                text = peer.recv(1000)
                self.assertIn(b" 431 ", text)
            except OSError:
                pass  # it is not listened to any more
        self.assertEqual(self.ask("/healthz")[0], 200)
        self.assertLess(watch.memory_peak_kib() - before, 40_000)

    def test_a_large_body_is_thrown_away(self):
        self.watch()
        status, _ = self.ask("/reload", "POST", body=b"x" * 50_000)
        self.assertEqual(status, 501)

    @unittest.skipIf(SANITIZED, "the sanitizers want descriptors of their own")
    def test_without_descriptors_the_door_waits_and_comes_back(self):
        watch = self.watch()
        used = len(os.listdir("/proc/%d/fd" % watch.pid))
        subprocess.run(["prlimit", "--pid", str(watch.pid), "--nofile=%d:4096" % (used + 2)], check=True)
        with contextlib.ExitStack() as stack:
            for _ in range(8):
                stack.enter_context(socket.create_connection(("127.0.0.1", self.port), PATIENCE))
            subprocess.run(["prlimit", "--pid", str(watch.pid), "--nofile=1024:4096"], check=True)
            self.assertEqual(self.ask("/healthz")[0], 200)
        self.assertEqual(watch.stop(), 0)


@unittest.skipUnless(shutil.which("openssl"), "there is no openssl")
class Secured(Running):
    def test_a_port_may_want_a_token_and_speak_tls(self):
        folder = temporary_directory()
        self.addCleanup(remove_tree, folder)
        key, certificate, token = (os.path.join(folder, x) for x in ("key", "cert", "token"))
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key, "-out", certificate,
                        "-days", "2", "-subj", "/CN=node", "-addext", "subjectAltName=IP:127.0.0.1"],
                       check=True, stderr=subprocess.DEVNULL)
        write(token, "sesame-sesame-sesame\n")
        self.watch("--http-cert", certificate, "--http-key", key, "--http-token", token)
        self.assertEqual(self.scheme, "https")
        context = ssl.create_default_context(cafile=certificate)
        self.assertEqual(self.ask("/health", context=context)[0], 401)
        wrong = {"Authorization": "Bearer sesame-sesame-sesamf"}
        status, text = self.ask("/health", context=context, headers=wrong)
        self.assertEqual(status, 401)
        self.assertNotIn("sesame", text)
        right = {"Authorization": "Bearer sesame-sesame-sesame"}
        self.assertEqual(self.ask("/health", context=context, headers=right)[0], 200)
        address = "https://127.0.0.1:%d" % self.port
        words = ("status", "--admin", address, "--ca", certificate)
        self.assertEqual(run_program(*words, "--token-file", token).returncode, 0)
        without = run_program(*words)
        self.assertEqual(without.returncode, 77, without.stderr)
        self.assertIn("--token-file", without.stderr)
        self.assertEqual(run_program("status", "--admin", address, "--token-file", token).returncode, 77)
        with socket.create_connection(("127.0.0.1", self.port), PATIENCE) as peer:
            peer.sendall(b"GET / HTTP/1.1\r\n\r\n")  # no TLS: no answer in plain text
            self.assertNotIn(b"HTTP/1.1 200", peer.recv(1000))

    def test_all_addresses_want_both(self):
        answer = run_program("watch", self.root, "--http", "0.0.0.0:0")
        self.assertEqual(answer.returncode, 1)
        self.assertIn("http_door_closed", answer.stderr)


class Verbs(Running):
    def test_nobody_answers(self):
        home = temporary_directory()
        self.addCleanup(remove_tree, home)
        env = {"XDG_RUNTIME_DIR": home}
        for words in (["status"], ["tree"], ["top"], ["tap", "**"], ["events"], ["reset", "a/b"],
                      ["reload"], ["stop"]):
            answer = run_program(*words, env=env)
            self.assertEqual(answer.returncode, 1, words)
            self.assertEqual(answer.stdout, "")
            self.assertIn("no running node", answer.stderr)
            answer = run_program(*words, "--admin", home + "/none.sock")
            self.assertEqual(answer.returncode, 1, words)
            self.assertIn("nobody listens", answer.stderr)
        self.assertEqual(run_program("status", "--admin", "http://x").returncode, 64)
        self.assertEqual(run_program("tap").returncode, 64)
        self.assertEqual(run_program("tap", "[").returncode, 64)
        self.assertEqual(run_program("top", "--interval", "1ms").returncode, 64)

    def test_of_several_one_must_be_named(self):
        first = self.watch(http=False, admin=False)
        second = self.watch(http=False, admin=False, env={"XDG_RUNTIME_DIR": first.home})
        env = {"XDG_RUNTIME_DIR": first.home}
        wait_until(lambda: len(os.listdir(first.home + "/actors")) == 2, what="two sockets")
        answer = run_program("stop", env=env)
        self.assertEqual(answer.returncode, 64)
        self.assertIn("--admin unix:", answer.stderr)
        self.assertEqual(len(run_program("status", "--json", env=env).stdout.splitlines()), 2)
        self.assertIsNone(second.process.poll())

    def test_tree_events_reset_reload_and_stop(self):
        watch = self.watch(http=False, settle="20ms",
                           env={"ACTORS_FAULT": "debouncer.on_batch:throw@2", "ACTORS_FAULT_BACKOFF": "60s"})
        write(os.path.join(self.root, "a"))
        wait_until(lambda: "child_backing_off" in self.verb(watch, "events").stdout)
        tree = self.verb(watch, "tree").stdout
        self.assertRegex(tree, r"└─ watch\n   ├─ emitter  ready\n   ├─ debouncer  backing_off, next try in ")
        told = [json.loads(x) for x in self.verb(watch, "events", "--json").stdout.splitlines()]
        self.assertIn("child_crashed", [x["event"] for x in told])
        answer = self.verb(watch, "reset", "watch/debouncer")
        self.assertEqual((answer.returncode, answer.stdout), (0, "watch/debouncer starts\n"))
        watch.wait_record("create", os.path.join(self.root, "a"))
        self.assertEqual(self.verb(watch, "reset", "watch/nobody").returncode, 64)
        self.assertEqual(self.verb(watch, "reset", "watch/debouncer").returncode, 1)
        self.assertEqual(self.verb(watch, "reload").returncode, 1)
        answer = self.verb(watch, "stop", "--wait")
        self.assertEqual((answer.returncode, answer.stdout), (0, "stopped\n"))
        self.assertEqual(watch.wait_exit(), 0)

    def test_events_are_followed(self):
        watch = self.watch(http=False, settle="20ms", env={"ACTORS_FAULT": "debouncer.on_batch:throw@2"})
        follower = subprocess.Popen([BINARY, "events", "--follow", "--admin", watch.admin],
                                    stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(end, follower)
        line = follower.stdout.readline()
        self.assertIn(b"child_starting", line)
        write(os.path.join(self.root, "a"))
        while b"child_crashed" not in line:
            line = follower.stdout.readline()
            self.assertTrue(line)

    def test_tap_shows_records_of_an_edge_and_does_not_slow_it(self):
        watch = self.watch(http=False)
        taps = [subprocess.Popen([BINARY, "tap", glob, "--admin", watch.admin, *more],
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE)
                for glob, more in (("watch/emitter", ["--max", "3"]), ("**", []))]
        for tap in taps:
            self.addCleanup(end, tap)
        until = time.monotonic() + PATIENCE
        number = 0
        while taps[0].poll() is None:  # it looks from some moment on
            self.assertLess(time.monotonic(), until)
            number += 1
            write(os.path.join(self.root, "f%d" % number))
            watch.wait_record("create", os.path.join(self.root, "f%d" % number))
        records = [json.loads(x) for x in taps[0].stdout.read().splitlines()]
        self.assertEqual(taps[0].returncode, 0)
        self.assertEqual(len(records), 3)
        self.assertEqual({x["edge"] for x in records}, {"watch/emitter"})
        for count in range(2000):  # nobody reads the other tap: the stream goes on all the same
            write(os.path.join(self.root, "g%d" % count))
        watch.wait_record("create", os.path.join(self.root, "g1999"))
        self.assertEqual(self.verb(watch, "stop", "--wait").returncode, 0)

    def test_a_reader_that_leaves_ends_a_verb_quietly(self):
        watch = self.watch(http=False)
        answer = subprocess.run("%s top --interval 100ms --admin %s | head -n 3" % (BINARY, watch.admin),
                                shell=True, capture_output=True, timeout=PATIENCE)
        self.assertEqual(answer.stderr, b"")
        self.assertEqual(len(answer.stdout.splitlines()), 3)


def end(process):
    if process.poll() is None:
        process.kill()
    process.communicate()


class Top(Running):
    def test_piped_it_writes_plain_blocks(self):
        watch = self.watch(http=False)
        answer = self.verb(watch, "top", "--once")
        self.assertEqual(answer.returncode, 0)
        lines = answer.stdout.splitlines()
        self.assertRegex(lines[1], r"CHILD +STATE +EVENTS/S +RESTARTS +P99 +MAILBOX")
        self.assertRegex(answer.stdout, r"watch/emitter +ready +\d+\.\d +0 +\S+ +\[\.{10}\] 0/1024")
        self.assertNotIn("\x1b", answer.stdout)
        process = subprocess.Popen([BINARY, "top", "--interval", "100ms", "--admin", watch.admin],
                                   stdout=subprocess.PIPE)
        self.addCleanup(end, process)
        heads = 0
        while heads < 3:
            line = process.stdout.readline()
            self.assertTrue(line)
            heads += line.startswith(b"CHILD")
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=PATIENCE)
        self.assertEqual(process.returncode, 0)

    def terminal(self, watch, columns):
        mine, its = pty.openpty()
        self.addCleanup(os.close, mine)
        fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        before = termios.tcgetattr(its)
        process = subprocess.Popen([BINARY, "top", "--interval", "100ms", "--admin", watch.admin],
                                   stdin=its, stdout=its, stderr=its)
        self.addCleanup(end, process)
        self.addCleanup(os.close, its)
        return mine, its, before, process

    def read_screen(self, mine, wanted):
        text = b""
        until = time.monotonic() + PATIENCE
        while not re.search(wanted, text):
            self.assertLess(time.monotonic(), until, text[-3000:])
            if select.select([mine], [], [], 0.1)[0]:
                text += os.read(mine, 65536)
        return text

    def test_on_a_terminal_it_redraws_and_leaves_it_as_it_was(self):
        watch = self.watch(http=False)
        for key in (b"q", b"\x03", signal.SIGTERM):
            mine, its, before, process = self.terminal(watch, 60)
            text = self.read_screen(mine, rb"(?s)watch/watcher.*\x1b\[H.*watch/watcher")
            for frame in text.split(b"\x1b[H")[1:-1]:  # the last one may be cut off
                for line in re.sub(rb"\x1b\[[?0-9]*[A-Za-z]", b"", frame).decode().splitlines():
                    self.assertLessEqual(len(line), 60)
            if isinstance(key, bytes):
                os.write(mine, key)
            else:
                process.send_signal(key)
            rest = self.read_screen(mine, rb"\x1b\[\?25h\x1b\[\?1049l")
            self.assertTrue(rest)
            self.assertEqual(process.wait(PATIENCE), 0)
            self.assertEqual(termios.tcgetattr(its), before)


if __name__ == "__main__":
    unittest.main()
