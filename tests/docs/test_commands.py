#!/usr/bin/env python3
"""Every command that the documentation shows is one that works, and says what is shown (pages.py: how they are marked).

usage: test_commands.py [PLACE...]          as "docs/faults.md" or "docs/faults.md:45"

A command of ours is run in a directory of its own, with what is done meanwhile. It must end with 0, or as is shown; of
what it says, each record must have come by its type, each line of the log by event and child, everything else as it is. A
tool of the repository must be there: other tests and CI run those. Programs of others are left to the tests named here.
"""
import concurrent.futures
import json
import os
import pathlib
import re
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
import time

import pages

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = pathlib.Path(os.environ.get("ACTORS_BINARY", ROOT / "build/dev/bin/actors")).resolve()
PATIENCE = 45.0  # a busy machine, and faults that last fifteen seconds
NUMBERS = {"a": 1.0, "fourteen": 14.0}

OTHERS = {
    "curl": "test_doors.py asks the doors, as curl does",
    "apt": "tools/release installs the packages where it can",
    "systemctl": "needs a service manager; test_service.py plays one",
    "socat": "socket_sink_test.cpp reads such sockets",
    "{": "socket_sink_test.cpp reads such sockets",
    "sysctl": "changes the machine",
}
ASKING = ("status", "tree", "top", "tap", "events", "reset", "reload", "stop")


class Wrong(Exception):
    pass


def tokens(lines, program_verb):
    """What must be found in the output, each as a regular expression."""
    for line in lines:
        if not line.strip() or "..." in line:
            continue
        if line.startswith('{"'):
            yield f'"type":"{json.loads(line.encode("utf-8", "replace"))["type"]}"'
        elif event := re.search(r" event=(\w+)(?:.*? (child=\S+))?", line):
            yield f"event={event[1]}" + (f" .*{re.escape(event[2])}" if event[2] else "")
        elif program_verb != "doctor":  # which speaks of the machine
            yield re.escape(line)


def prepare(scratch, words):
    for name in ("run", ".cache", ".zfunc", ".config/fish/completions", ".local/share/bash-completion/completions"):
        (scratch / name).mkdir(mode=0o700, parents=True)
    (scratch / "config").symlink_to(ROOT / "config")
    (scratch / "server").write_text("#!/bin/sh\nexec sleep 60\n")
    (scratch / "server").chmod(0o755)
    (scratch / "Makefile").write_text("all:\n\t@echo made\n")
    for before, word in zip(words, words[1:]):
        if before in ("watch", "doctor") and not word.startswith(("-", "/", ".")):
            (scratch / word).mkdir(exist_ok=True)
            (scratch / word / "one").write_text("one\n")


class Running:
    def __init__(self, text, scratch):
        self.scratch = scratch
        self.file = open(scratch / "run" / f"output-{time.monotonic_ns()}", "w+b")
        environment = {k: v for k, v in os.environ.items() if not k.startswith("ACTORS_")}
        environment |= {"HOME": str(scratch), "XDG_RUNTIME_DIR": str(scratch / "run"),
                        "PATH": f"{BINARY.parent}:{os.environ['PATH']}"}
        self.child = subprocess.Popen(["bash", "-c", text], cwd=scratch, env=environment, stdin=subprocess.DEVNULL,
                                      stdout=self.file, stderr=subprocess.STDOUT, start_new_session=True)

    def said(self):
        return pathlib.Path(self.file.name).read_bytes().decode("utf-8", "replace")

    def wait_for(self, condition, deadline):
        until = time.monotonic() + deadline
        while time.monotonic() < until:
            if condition():
                return True
            if self.child.poll() is not None:
                return condition()
            time.sleep(0.05)
        return False

    def interrupt(self):
        """As Ctrl-C does."""
        if self.child.poll() is None:
            os.killpg(self.child.pid, signal.SIGINT)

    def close(self):
        try:
            os.killpg(self.child.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.child.wait()
        self.file.close()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def run(command):
    command.text = re.sub(r"(?<=127\.0\.0\.1:)\d+", lambda _: str(free_port()), command.text)
    words = shlex.split(command.text.replace("\\", "\\\\"), comments=False)
    verb = words[words.index("actors") + 1]
    with tempfile.TemporaryDirectory(prefix="actors-docs-") as directory:
        scratch = pathlib.Path(directory)
        prepare(scratch, words)
        if verb in ASKING:
            return ask(command.text, scratch)
        exports = f"export {command.exports}; " if command.exports else ""
        wanted = list(tokens(command.says, verb))
        running = Running(exports + "exec " + command.text if "=" not in command.text.split()[0]
                          else exports + "exec env " + command.text, scratch)
        try:
            play(running, command, words, wanted)
        finally:
            running.close()


def play(running, command, words, wanted):
    begun = time.monotonic()

    def is_ready():
        if "--" in words:  # its records go to the command; the socket is there before it is ready, by a little
            return time.monotonic() - begun > 1 and any(running.scratch.glob("run/actors/*.sock"))
        return re.search(r'"type":"ready"|^ready ', running.said(), re.M)

    if "on_start:" not in command.text and "watch" in words:
        if not running.wait_for(is_ready, PATIENCE):
            raise Wrong("it is not ready")
        action = command.comment.removeprefix("then: ").split("; a second")[0] if "then: " in command.comment else None
        for each in [action] if action else [f"echo x > {words[words.index('watch') + 1]}/{x}" for x in "ab"]:
            subprocess.run(["sh", "-c", each], cwd=running.scratch, check=True)
            time.sleep(0.3)  # another batch
    if after := re.search(r"Ctrl-C after (\w+) second|(\w+) second later Ctrl-C", command.comment):
        time.sleep(max(0.0, NUMBERS[after[1] or after[2]] - (time.monotonic() - begun)))
        running.interrupt()
    has_said = lambda: all(re.search(x, running.said()) for x in wanted)
    if not running.wait_for(has_said, PATIENCE):
        missing = [x for x in wanted if not re.search(x, running.said())]
        raise Wrong(f"it does not say {missing[0]}\n{running.said()}")
    if not wanted:
        running.wait_for(lambda: False, 1.0)
    if command.ends_with is None or after:
        running.interrupt()
    try:
        code = running.child.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        raise Wrong(f"it does not end\n{running.said()}")
    if code == 1 and command.ends_with is None and "stall@" in command.text + command.exports:
        code = 0  # what hangs when we end it is abandoned, and that is told
    if code == 78 and "validate" in words and "mistakes" in command.comment:
        code = 0  # that is what it is to show
    if code != (command.ends_with or 0):
        raise Wrong(f"it ends with {code}\n{running.said()}")


def ask(text, scratch):
    """Of a node that watches; it need not like what it is asked, but must know the words."""
    (scratch / "src").mkdir()
    asked = Running("exec actors watch src", scratch)
    asking = None
    try:
        if not asked.wait_for(lambda: '"ready"' in asked.said(), PATIENCE):
            raise Wrong("there is no node to ask")
        for each in text.split(" | "):
            asking = Running("exec " + (each if each.startswith("actors") else "actors " + each), scratch)
            asking.wait_for(lambda: False, 2.0)
            asking.interrupt()
            code = asking.child.wait(PATIENCE)
            if code in (64, 70) or code < 0:
                raise Wrong(f"it ends with {code}\n{asking.said()}")
            asking.close()
    finally:
        asked.close()
        if asking:
            asking.close()


def check(command):
    try:
        if command.program == "actors":
            run(command)
        elif command.program.startswith("tools/") and not os.access(ROOT / command.program, os.X_OK):
            raise Wrong("there is no such tool")
    except Wrong as wrong:
        return f"{command.place}: {command.text}: {wrong}"
    return None


def main():
    wanted = sys.argv[1:]
    found, left_out = [], []
    for page in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]:
        run_here, not_here = pages.commands(str(page.relative_to(ROOT)), page.read_text())
        found += run_here
        left_out += not_here
    left_out += [(x.place, OTHERS[x.program]) for x in found if x.program in OTHERS]
    found = [x for x in found if x.program not in OTHERS]
    if wanted:
        found = [x for x in found if any(x.place == y or x.place.startswith(y + ":") for y in wanted)]
    with concurrent.futures.ThreadPoolExecutor(8) as several:  # they mostly wait
        faults = [x for x in several.map(check, found) if x]
    for place, why in left_out:
        print(f"not run: {place}: {why}")
    print("\n".join(faults) or f"{len(found)} commands do what the pages say")
    sys.exit(bool(faults))


main()
