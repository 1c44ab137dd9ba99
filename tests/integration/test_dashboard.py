#!/usr/bin/env python3
"""The dashboard in a real browser: on a door that a test controls, and on the program's own.

Without Chromium all of it is skipped. ACTORS_PICTURE=FILE keeps the picture for the documentation.
"""

import os
import socket
import subprocess
import tempfile
import threading
import unittest
import urllib.request

import browser
from fake_door import FakeDoor, child, page
from harness import BINARY, wait_until, write

HOSTILE = "<img src=x onerror=\"document.title='taken'\"><script>document.title='taken'</script>"


def setUpModule():
    if not browser.find():
        raise unittest.SkipTest("there is no chromium")
    global chromium
    chromium = browser.Browser()
    unittest.addModuleCleanup(chromium.close)


def state_of(name):
    return "(document.querySelector('[data-id=\"%s\"]') || {dataset: {}}).dataset.state" % name


def of(name, part):
    return "document.querySelector('[data-id=\"%s\"] %s')" % (name, part)


def pipeline():
    return [child("src/emitter", note="stdout"),
            child("src/debouncer", held_by="src/emitter"),
            child("src/watcher", note="fanotify", mailbox=None)]


class OnAFake(unittest.TestCase):
    def open(self, door, **how):
        view = chromium.page(door.url, **how)
        self.addCleanup(view.close)
        view.wait("document.getElementById('connection').textContent === 'connected'")
        return view

    def test_the_page_shows_the_tree_and_talks_to_nobody_else(self):
        with FakeDoor(pipeline()) as door:
            view = self.open(door)
            view.wait(state_of("src/watcher") + " === 'ready'")
            self.assertEqual(view.run(state_of("src")), "ready")
            text = view.text()
            for part in ("web-1", "fanotify", "held by src/emitter", "stdout"):
                self.assertIn(part, text)
            self.assertEqual(view.run("document.title"), "web-1 - actors")
            # As changes flow: from the source to the sinks.
            names = view.run("[...document.querySelectorAll('#tree li')].map(x => x.dataset.id)")
            self.assertEqual(names, ["src", "src/watcher", "src/debouncer", "src/emitter"])
            self.assertEqual(view.complaints(), [])
            hosts = view.run("performance.getEntriesByType('resource').map(x => new URL(x.name).origin)")
            self.assertLessEqual(set(hosts), {door.url.rstrip("/")})

    def test_rates_and_fill_come_from_the_mailbox(self):
        with FakeDoor(pipeline(), interval=0.2) as door:
            view = self.open(door)
            mail = door.children["src/emitter"]["mailbox"]
            done = threading.Event()

            def go_on():
                released = 0
                while not done.wait(0.05):
                    released += 50
                    door.set("src/emitter", mailbox={**mail, "depth": 512, "released": released})
            busy = threading.Thread(target=go_on)
            busy.start()
            try:
                view.wait("/[1-9][0-9]*,?[0-9]* batches/.test(%s.textContent)" % of("src/emitter", ".rate"))
                view.wait("%s.value === 0.5" % of("src/emitter", "meter"))
            finally:
                done.set()
                busy.join()

    def test_a_crash_shows_up_and_a_reset_click_brings_the_child_back(self):
        with FakeDoor(pipeline()) as door:
            view = self.open(door)
            door.crash("src/debouncer", "disk on fire")
            view.wait(state_of("src/debouncer") + " === 'backing_off'")
            view.wait(state_of("src") + " === 'backing_off'")
            view.wait("document.getElementById('ready').textContent === 'not ready'")
            view.wait("document.getElementById('restarts').textContent.includes('disk on fire')")
            self.assertIn("tried again in 4.0 s, attempt 3 of 5", view.text())
            view.run(of("src/debouncer", "button") + ".click()")
            view.wait(state_of("src/debouncer") + " === 'ready'")
            self.assertEqual(door.resets, ["src/debouncer"])
            view.wait("document.getElementById('events').textContent.includes('child_reset')")
            view.wait(of("src/debouncer", "button") + ".hidden")

    def test_reset_is_in_reach_of_the_keyboard(self):
        with FakeDoor(pipeline()) as door:
            view = self.open(door)
            door.set("src/emitter", state="failed")
            view.wait(state_of("src/emitter") + " === 'failed'")
            for _ in range(20):
                view.key("Tab")
                if view.run("document.activeElement.getAttribute('aria-label') === 'Reset src/emitter'"):
                    break
            view.key("Enter", "\r")
            wait_until(lambda: door.resets == ["src/emitter"], what="the reset")

    def test_a_refused_reset_says_why(self):
        with FakeDoor(pipeline()) as door:
            view = self.open(door)
            door.refusal = 403
            door.set("src/emitter", state="failed")
            view.wait("!%s.hidden" % of("src/emitter", "button"))
            view.run(of("src/emitter", "button") + ".click()")
            view.wait("document.getElementById('said').textContent.includes('refused')")

    def test_names_paths_and_errors_are_text(self):
        with FakeDoor(pipeline() + [child("src/" + HOSTILE.replace("/", "-"), note=HOSTILE)],
                      node=HOSTILE) as door:
            view = self.open(door)
            door.crash("src/emitter", HOSTILE)
            door.tell(HOSTILE, HOSTILE, HOSTILE)
            view.wait("document.getElementById('events').textContent.includes('onerror')")
            view.run("document.querySelectorAll('details').forEach(x => { x.open = true; })")
            view.wait("document.querySelector('.more dd').textContent !== ''")
            self.assertEqual(view.run("document.querySelectorAll('img, script:not(:last-of-type)').length"), 0)
            self.assertFalse(view.run("document.title === 'taken'"))
            self.assertEqual(view.complaints(), [])

    def test_markup_is_refused_even_if_the_page_wrote_it(self):
        with FakeDoor(pipeline()) as door:
            view = self.open(door)
            self.assertTrue(view.run(
                "(() => { try { document.body.innerHTML = '<b>'; } catch (x) { return true; } return false; })()"))
            view.run("{ const x = document.createElement('script'); x.append('document.title = \"taken\"');"
                     " document.head.append(x); }")
            self.assertNotEqual(view.run("document.title"), "taken")

    def test_a_lost_node_is_told_and_found_again(self):
        with FakeDoor(pipeline()) as door:
            view = self.open(door)
            door.close()
            view.wait("!document.getElementById('lost').hidden")
            self.assertEqual(view.run("document.getElementById('connection').textContent"), "lost")
            door.events.append({"id": 1, "event": "child_degraded", "child": "src/watcher", "incarnation": 1,
                                "time": "2026-11-25T12:00:00.000000Z", "text": "told while away"})
            door.open()
            view.wait("document.getElementById('lost').hidden")
            view.wait("document.getElementById('events').textContent.includes('told while away')")

    def test_another_process_begins_a_new_list(self):
        with FakeDoor(pipeline()) as door:
            door.tell("child_ready", "src/watcher", "of the first")
            view = self.open(door)
            view.wait("document.getElementById('events').textContent.includes('of the first')")
            door.events = []
            door.tell("child_ready", "src/watcher", "of the second")
            door.began += 3000
            view.wait("document.getElementById('events').textContent.includes('of the second')")
            self.assertNotIn("of the first", view.run("document.getElementById('events').textContent"))

    def test_lists_are_bounded_and_filtered(self):
        with FakeDoor(pipeline()) as door:
            for i in range(700):
                door.tell("child_degraded", "src/watcher", "number %d." % i)
            view = self.open(door)
            view.wait("document.getElementById('events').textContent.includes('number 699.')")
            self.assertEqual(view.run("document.getElementById('events').children.length"), 300)
            view.run("{ const x = document.getElementById('filter'); x.value = 'NUMBER 650.'; "
                     "x.dispatchEvent(new Event('input')); }")
            self.assertEqual(
                view.run("[...document.querySelectorAll('#events li')].filter(x => !x.hidden).length"), 1)

    def test_children_that_leave_are_gone_and_a_page_of_many_says_so(self):
        with FakeDoor(pipeline() + [child("pool/w%d" % i) for i in range(400)]) as door:
            view = self.open(door)
            view.wait(state_of("pool/w399") + " === 'ready'")
            for i in range(400):
                door.children.pop("pool/w%d" % i)
            door.has_more = True
            view.wait(state_of("pool") + " === undefined")
            view.wait("!document.getElementById('more-rows').hidden")

    def test_a_phone_shows_it_without_scrolling_sideways(self):
        with FakeDoor(pipeline() + [child("src/" + "long-" * 12, note="/very" * 30)]) as door:
            view = self.open(door, width=360, height=700)
            door.crash("src/emitter", "x" * 200)
            view.wait(state_of("src/emitter") + " === 'backing_off'")
            self.assertLessEqual(view.run("document.documentElement.scrollWidth"), 360)

    def test_dark_mode_is_dark(self):
        with FakeDoor(pipeline()) as door:
            view = self.open(door, scheme="dark")
            self.assertEqual(view.run("getComputedStyle(document.body).backgroundColor"), "rgb(17, 21, 28)")

    @unittest.skipUnless(os.environ.get("ACTORS_PICTURE"), "ACTORS_PICTURE names no file")
    def test_the_picture(self):
        children = [child("uploads/to-archive", note="node archive:9471"),
                    child("uploads/settle"), child("uploads/watcher", note="fanotify", mailbox=None),
                    child("src/build", note="command make", activity="offer"),
                    child("src/changes-log", note="file /var/log/changes.ndjson"),
                    child("src/settle", held_by="src/build"), child("src/watcher", note="inotify", mailbox=None)]
        with FakeDoor(children, interval=0.5) as door:
            door.children["src/build"].update(restarts_total=2)
            door.children["uploads/to-archive"].update(restarts_total=2)
            for name in reversed(list(door.children)):
                door.tell("child_starting", name)
                door.tell("child_ready", name)
            view = self.open(door, width=1100, height=900, scheme="dark")
            done = threading.Event()

            def go_on():
                count = 0
                while not done.wait(0.1):
                    count += 1
                    for name, step in (("src/settle", 62), ("src/changes-log", 61), ("uploads/settle", 3),
                                       ("src/build", 1)):
                        door.children[name]["mailbox"].update(
                            released=step * count, depth={"src/build": 940, "src/settle": 610}.get(name, 12))
            busy = threading.Thread(target=go_on)
            busy.start()
            try:
                seen = view.run("before.uptime_ms")
                view.wait("before.uptime_ms > %d" % (seen + 2000))
                door.crash("uploads/to-archive", "archive:9471: connection refused")
                view.wait(state_of("uploads/to-archive") + " === 'backing_off'")
                seen = view.run("before.uptime_ms")
                view.wait("before.uptime_ms > %d" % (seen + 1000))
                view.picture(os.environ["ACTORS_PICTURE"])
            finally:
                done.set()
                busy.join()


# -- the program's own door --------------------------------------------------------------------------

class Relay:
    """Browsers know no unix sockets: hands on what comes to a port of this machine."""

    def __init__(self, path):
        self.path = path
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = "http://127.0.0.1:%d/" % self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def _accept(self):
        while True:
            try:
                near = self.listener.accept()[0]
            except OSError:
                return
            far = socket.socket(socket.AF_UNIX)
            try:
                far.connect(self.path)
            except OSError:
                near.close()
                far.close()
                continue
            threading.Thread(target=self._serve, args=(near, far), daemon=True).start()

    @staticmethod
    def _hand_on(a, b):
        try:
            while data := a.recv(1 << 16):
                b.sendall(data)
        except OSError:
            pass
        try:
            b.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def _serve(self, near, far):
        with near, far:
            back = threading.Thread(target=self._hand_on, args=(far, near), daemon=True)
            back.start()
            self._hand_on(near, far)
            back.join()


class OnTheProgram(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = os.path.join(folder.name, "<img src=x onerror=alert(1)>")
        os.mkdir(self.root)
        door = os.path.join(folder.name, "door")
        # A crash with the first change; the next try is a minute away, so that only a reset helps.
        self.program = subprocess.Popen(
            [BINARY, "watch", self.root, "--admin", door, "-q", "--settle", "20ms"], stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "ACTORS_FAULT": "debouncer:throw@2", "ACTORS_FAULT_BACKOFF": "1m"})
        self.addCleanup(self._end)
        wait_until(lambda: os.path.exists(door), what="the socket")
        self.relay = Relay(door)
        self.addCleanup(self.relay.close)
        try:
            with urllib.request.urlopen(self.relay.url, timeout=10) as answer:
                self.page, self.headers = answer.read().decode(), answer.headers
        except OSError:
            self.skipTest("this program serves no page")

    def _end(self):
        self.program.terminate()
        self.program.wait(30)

    def test_it_serves_the_page_with_its_policy(self):
        self.assertEqual(self.page, page()[0])  # which bears the policy
        self.assertEqual(self.headers.get_content_type(), "text/html")
        self.assertIn("frame-ancestors 'none'", self.headers["Content-Security-Policy"])  # only a header can

    def test_a_crash_shows_up_and_a_reset_click_brings_the_child_back(self):
        view = chromium.page(self.relay.url)
        self.addCleanup(view.close)
        view.wait(state_of("watch/watcher") + " === 'ready'")
        write(os.path.join(self.root, "a"))
        view.wait(state_of("watch/debouncer") + " === 'backing_off'")
        view.wait("document.getElementById('restarts').textContent.includes('injected fault')")
        view.run(of("watch/debouncer", "button") + ".click()")
        view.wait(state_of("watch/debouncer") + " === 'ready'")
        view.wait("document.getElementById('events').textContent.includes('child_reset')")
        self.assertEqual(view.complaints(), [])


if __name__ == "__main__":
    unittest.main()
