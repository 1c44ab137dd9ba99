#!/usr/bin/env python3
"""The manual page and the completions say what --help says, and are what man and the shells read."""

import os
import re
import shutil
import subprocess
import tempfile
import unittest

from harness import BINARY


def said(*arguments):
    done = subprocess.run([BINARY, *arguments], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and not done.stderr, (arguments, done)
    return done.stdout


def part(text, title):
    """The names that begin the lines of one part of --help."""
    found = re.search(r"^%s:\n((?:  .*\n)*)" % title, text, re.M)
    return re.findall(r"^  (\S+)", found.group(1), re.M) if found else []


def verbs():
    return part(said("--help"), "Subcommands")


def options(*verb):
    return [re.sub(r"\{.*\}", "", name) for names in part(said(*verb, "--help"), "Options")
            for name in names.split(",")]


def bash_completes(line):
    words = line.split(" ")
    script = said("completions", "bash") + """
compopt() { :; }
COMP_WORDS=(%s) COMP_CWORD=%d; _actors; printf '%%s\\n' "${COMPREPLY[@]}"
""" % (" ".join("'%s'" % x for x in words), len(words) - 1)
    done = subprocess.run(["bash", "--norc", "-c", script], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and not done.stderr, done
    return done.stdout.split()


class Descriptions(unittest.TestCase):
    def test_every_verb_and_option_is_in_all_of_them(self):
        page = said("manual").replace("\\-", "-")
        shells = {x: said("completions", x) for x in ("bash", "zsh", "fish")}
        self.assertIn("watch", verbs())
        self.assertNotIn("manual", verbs())
        for verb in verbs():
            self.assertIn("\n.SH %s\n" % verb.upper(), page)
            for option in options(verb):
                self.assertIn("\\fB%s\\fR" % option, page, verb)
                self.assertIn(option, bash_completes("actors %s %s" % (verb, option)))
                self.assertIn("%s[" % option, shells["zsh"])
                fish = "-l %s " % option[2:] if option.startswith("--") else "-s %s " % option[1:]
                self.assertRegex(shells["fish"], "from %s'.* %s" % (verb, fish))

    def test_an_unknown_shell_is_a_mistake_on_the_command_line(self):
        for arguments in (("completions",), ("completions", "tcsh"), ("completions", "bash", "zsh")):
            done = subprocess.run([BINARY, *arguments], capture_output=True, timeout=60)
            self.assertEqual((done.returncode, done.stdout), (64, b""))

    def test_a_full_disk_is_told(self):
        for what in (["manual"], ["completions", "bash"]):
            with open("/dev/full", "w") as full:
                self.assertEqual(subprocess.run([BINARY, *what], stdout=full, timeout=60).returncode, 1)

    def test_bash_completes_verbs_words_and_leaves_files_to_itself(self):
        self.assertEqual(bash_completes("actors wa"), ["watch"])
        self.assertEqual(bash_completes("actors watch --backend i"), ["inotify"])
        self.assertEqual(bash_completes("actors watch . -q --log-format js"), ["json"])
        self.assertEqual(bash_completes("actors completions f"), ["fish"])
        self.assertEqual(bash_completes("actors watch --state f"), [])
        self.assertEqual(bash_completes("actors watch . -- ma"), [])

    @unittest.skipUnless(shutil.which("fish"), "there is no fish")
    def test_fish_completes(self):
        with tempfile.TemporaryDirectory() as home:
            def completes(line):
                done = subprocess.run(
                    ["fish", "--no-config", "-c", "source -; complete -C '%s'" % line], text=True,
                    input=said("completions", "fish"), capture_output=True, timeout=60,
                    env={**os.environ, "HOME": home})
                self.assertEqual(done.stderr, "")
                return [x.split("\t")[0] for x in done.stdout.splitlines()]
            self.assertEqual(completes("actors wa"), ["watch"])
            self.assertEqual(completes("actors watch --backend "), ["auto", "fanotify", "inotify", "poll"])
            self.assertIn("--max-wait", completes("actors watch --m"))

    @unittest.skipUnless(shutil.which("zsh"), "there is no zsh")
    def test_zsh_reads_it(self):
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "_actors"), "w") as file:
                file.write(said("completions", "zsh"))
            done = subprocess.run(
                ["zsh", "-fc", "fpath=(%s $fpath); autoload -U compinit; compinit -u -D; "
                 "autoload +X _actors; print $_comps[actors]" % folder],
                capture_output=True, text=True, timeout=60)
            self.assertEqual((done.stdout.strip(), done.stderr), ("_actors", ""))

    @unittest.skipUnless(shutil.which("man"), "there is no man")
    def test_man_reads_it_without_a_warning(self):
        with tempfile.NamedTemporaryFile("w", suffix=".1") as page:
            page.write(said("manual"))
            page.flush()
            done = subprocess.run(["man", "--warnings", "-E", "UTF-8", "-l", page.name], text=True,
                                  capture_output=True, timeout=60, env={**os.environ, "MANWIDTH": "90"})
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            for section in ("NAME", "SYNOPSIS", "WATCH", "EXIT STATUS"):
                self.assertIn(section, done.stdout)


if __name__ == "__main__":
    unittest.main()
