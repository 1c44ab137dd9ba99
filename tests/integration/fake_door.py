"""A door of a node that is not there: serves the dashboard and what a test wants it to show."""

import base64
import hashlib
import http.server
import json
import os
import re
import threading
import time
import urllib.parse

PAGE = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                    "../../libactors/actors/admin/dashboard.html")


def page():
    """The page as the build makes it (cmake/EmbedDashboard.cmake), and its policy."""
    with open(PAGE, encoding="utf-8") as file:
        text = file.read()
    hashes = {tag: base64.b64encode(hashlib.sha256(
        re.search("<%s>(.*?)</%s>" % (tag, tag), text, re.S).group(1).encode()).digest()).decode()
              for tag in ("script", "style")}
    policy = ("default-src 'none'; script-src 'sha256-%(script)s'; style-src 'sha256-%(style)s'; img-src data:; "
              "connect-src 'self'; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'") % hashes
    return text.replace("@POLICY@", policy), policy


def child(name, state="ready", **more):
    x = {"id": name, "kind": "child", "state": state, "since_ms": 90500, "incarnation": 1, "attempt": 0,
         "attempts_max": 5, "next_try_in_ms": None, "last_error": "", "restarts_total": 0, "dead_letters": 0,
         "note": "", "activity": "wait", "progress_age_ms": 12,
         "mailbox": {"depth": 0, "capacity": 1024, "bytes": 0, "bytes_max": 4194304, "high_water": 3,
                     "accepted": 0, "released": 0, "refused": 0, "dropped": 0, "evicted": 0, "conflated": 0,
                     "crashed": 0, "held_ms": 0}}
    x.update(more)
    if not x["mailbox"]:
        del x["mailbox"]
    return x


STATES = ("waiting", "starting", "ready", "degraded", "backing_off", "stopping", "stopped", "failed")


class FakeDoor:
    """`with FakeDoor(children) as door: door.url`. A test changes `children` and tells events."""

    def __init__(self, children, node="web-1", interval=0.05):
        self.node, self.interval = node, interval
        self.children = {x["id"]: x for x in children}
        self.events, self.resets, self.asked = [], [], []
        self.changed = threading.Condition()
        self.is_open, self.has_more = True, False
        self.refusal = None  # an HTTP status with which resets are answered
        self.began = time.monotonic() - 3600
        self.port = 0

    def __enter__(self):
        door = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_GET(self):
                door.asked.append(self.path)
                url = urllib.parse.urlsplit(self.path)
                if url.path == "/":
                    text, policy = page()
                    self.give(200, "text/html; charset=utf-8", text, policy)
                elif url.path == "/health":
                    self.give(200, "application/json", json.dumps(door.health()))
                elif url.path == "/events":
                    after = int(urllib.parse.parse_qs(url.query).get("after", ["0"])[0])
                    events = [x for x in door.events if x["id"] > after][:1000]
                    self.give(200, "application/json", json.dumps({"events": events, "missed": 0}))
                elif url.path == "/stream":
                    self.stream()
                else:
                    self.give(404, "text/plain", "there is no such thing here\n")

            def do_POST(self):
                door.asked.append(self.path)
                found = re.fullmatch("/children/(.*)/reset", self.path)
                name = urllib.parse.unquote(found.group(1)) if found else None
                if door.refusal or name not in door.children:
                    self.give(door.refusal or 404, "text/plain", "no such child: <b>" + str(name))
                    return
                door.resets.append(name)
                door.set(name, state="ready", attempt=0, next_try_in_ms=None,
                         incarnation=door.children[name]["incarnation"] + 1)
                door.tell("child_reset", name)
                door.tell("child_ready", name)
                self.give(200, "application/json", "{}")

            def give(self, status, kind, text, policy=None):
                body = text.encode()
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                if policy:
                    self.send_header("Content-Security-Policy", policy + "; frame-ancestors 'none'")
                self.end_headers()
                self.wfile.write(body)

            def stream(self):
                self.send_response(200)
                self.send_header("Content-Type", "text/event-stream")
                self.send_header("Connection", "close")
                self.end_headers()
                told = door.events[-1]["id"] if door.events else 0
                try:
                    while door.is_open:
                        for x in [x for x in door.events if x["id"] > told]:
                            told = x["id"]
                            self.wfile.write(b"event: transition\ndata: %s\n\n" % json.dumps(x).encode())
                        self.wfile.write(b"event: health\ndata: %s\n\n" % json.dumps(door.health()).encode())
                        self.wfile.flush()
                        with door.changed:
                            door.changed.wait(door.interval)
                except OSError:
                    pass
                self.close_connection = True

        self.handler = Handler
        self.open()
        return self

    def open(self):
        self.is_open = True
        http.server.ThreadingHTTPServer.allow_reuse_address = True
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", self.port), self.handler)
        self.server.daemon_threads = True
        self.port = self.server.server_port
        self.url = "http://127.0.0.1:%d/" % self.port
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()

    def close(self):
        self.is_open = False
        with self.changed:
            self.changed.notify_all()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def __exit__(self, *_):
        if self.is_open:
            self.close()

    def health(self):
        children = list(self.children.values())
        states = {x: sum(c["state"] == x for c in children) for x in STATES}
        return {"node": self.node, "version": "0.1.0", "live": True,
                "ready": all(c["state"] in ("ready", "degraded") for c in children),
                "uptime_ms": int((time.monotonic() - self.began) * 1000), "children": children,
                "has_more": self.has_more,
                "totals": {"children": len(children), "states": states,
                           "restarts": sum(c["restarts_total"] for c in children), "abandoned": 0, "dropped": 0,
                           "lost": {"full": 0, "handler_crashed": 0}}}

    def set(self, name, **what):
        self.children[name] = {**self.children[name], **what}
        with self.changed:
            self.changed.notify_all()

    def tell(self, event, name, text="", delay_ms=0):
        x = {"id": len(self.events) + 1, "event": event, "child": name,
             "incarnation": self.children.get(name, {}).get("incarnation", 1),
             "time": "2026-11-25T12:00:%02d.000000Z" % (len(self.events) % 60)}
        if delay_ms:
            x.update(attempt=1, delay_ms=delay_ms)
        if text:
            x["text"] = text
        self.events.append(x)
        with self.changed:
            self.changed.notify_all()

    def crash(self, name, text, delay_ms=4000):
        self.set(name, state="backing_off", attempt=3, next_try_in_ms=delay_ms, last_error=text,
                 restarts_total=self.children[name]["restarts_total"] + 1)
        self.tell("child_crashed", name, text)
        self.tell("child_backing_off", name, delay_ms=delay_ms)
