"""Drives headless Chromium by the DevTools protocol, over the pipe it offers: no driver, no socket.

https://chromedevtools.github.io/devtools-protocol/; messages are JSON, each ended by a NUL byte.
"""

import base64
import fcntl
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

from harness import PATIENCE, Timeout, wait_until

# A browser needs seconds to start where something else is built meanwhile.
START = 60.0


def find():
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


class Browser:
    def __init__(self):
        self.home = tempfile.mkdtemp(prefix="actors-browser-")
        ours_in, its_out = os.pipe()
        its_in, ours_out = os.pipe()
        # Above the numbers that the shell is to make of them.
        its_in, its_out = (fcntl.fcntl(x, fcntl.F_DUPFD, 10) for x in (its_in, its_out))
        self.process = subprocess.Popen(
            ["bash", "-c", 'exec "$0" "$@" 3<&%d 4>&%d' % (its_in, its_out), find(), "--headless",
             "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-extensions",
             "--disable-background-networking", "--remote-debugging-pipe", "--user-data-dir=" + self.home,
             "about:blank"],
            pass_fds=(its_in, its_out), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env={**os.environ, "HOME": self.home}, start_new_session=True)
        os.close(its_in)
        os.close(its_out)
        self.answers, self.out = ours_in, ours_out
        self.number, self.rest, self.events = 0, b"", []
        self.ask("Browser.getVersion", deadline=START)

    def close(self):
        try:
            self.ask("Browser.close", deadline=5)
        except (Timeout, OSError):
            pass
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, 9)  # the session that it was started in
            self.process.wait()
        os.close(self.answers)
        os.close(self.out)
        shutil.rmtree(self.home, ignore_errors=True)

    def _receive(self, until):
        while b"\0" not in self.rest:
            left = until - time.monotonic()
            if left <= 0 or not select.select([self.answers], [], [], left)[0]:
                raise Timeout("the browser does not answer")
            got = os.read(self.answers, 1 << 16)
            if not got:
                raise OSError("the browser has ended")
            self.rest += got
        message, self.rest = self.rest.split(b"\0", 1)
        return json.loads(message)

    def ask(self, method, session=None, deadline=PATIENCE, **parameters):
        self.number += 1
        request = {"id": self.number, "method": method, "params": parameters}
        if session:
            request["sessionId"] = session
        os.write(self.out, json.dumps(request).encode() + b"\0")
        until = time.monotonic() + deadline
        while True:
            message = self._receive(until)
            if message.get("id") == self.number:
                if "error" in message:
                    raise AssertionError("%s: %s" % (method, message["error"]))
                return message["result"]
            self.events.append(message)

    def page(self, url, **how):
        return Page(self, url, **how)


class Page:
    def __init__(self, browser, url, width=1100, height=900, scheme="light"):
        self.browser = browser
        self.target = browser.ask("Target.createTarget", url="about:blank")["targetId"]
        self.session = browser.ask("Target.attachToTarget", targetId=self.target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self.ask(domain + ".enable")
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1,
                 mobile=width < 600)
        self.ask("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.ask("Page.navigate", url=url)

    def ask(self, method, **parameters):
        return self.browser.ask(method, self.session, **parameters)

    def run(self, expression):
        """The value of an expression of JavaScript."""
        answer = self.ask("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise AssertionError("%s: %s" % (expression, answer["exceptionDetails"]))
        return answer["result"].get("value")

    def wait(self, expression, deadline=PATIENCE):
        """Until it is true; that it throws (the page is not there yet) is not yet."""
        guarded = "(() => { try { return %s; } catch (x) { return false; } })()" % expression
        try:
            return wait_until(lambda: self.run(guarded), deadline, expression, interval=0.05)
        except Timeout as x:
            raise Timeout("%s; the page: %s" % (x, self.run("document.body.innerText"))) from x

    def text(self):
        return self.run("document.body.innerText")

    def key(self, name, text=None):
        for kind in ("keyDown", "keyUp"):
            self.ask("Input.dispatchKeyEvent", type=kind, key=name, code=name,
                     windowsVirtualKeyCode={"Tab": 9, "Enter": 13}.get(name, 0),
                     **({"text": text} if text and kind == "keyDown" else {}))

    def complaints(self):
        """What scripts threw, and what the browser refused or failed to load."""
        self.run("1")  # what has happened has been told
        return [x["params"] for x in self.browser.events if x.get("sessionId") == self.session
                and x["method"] in ("Runtime.exceptionThrown", "Log.entryAdded")]

    def picture(self, path):
        with open(path, "wb") as file:
            file.write(base64.b64decode(self.ask("Page.captureScreenshot", format="png")["data"]))

    def close(self):
        self.browser.ask("Target.closeTarget", targetId=self.target)
