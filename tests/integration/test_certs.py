#!/usr/bin/env python3
"""`actors certs`: an authority and certificates that OpenSSL takes, and files that nobody else reads."""

import os
import shlex
import shutil
import stat
import subprocess
import unittest

from harness import (AS_NOBODY, BINARY, can_be_nobody, program_for_nobody, remove_tree, run_program,
                     temporary_directory)


def mode(path):
    return stat.S_IMODE(os.lstat(path).st_mode)


def content(path):
    with open(path, "rb") as file:
        return file.read()


class CertsTest(unittest.TestCase):
    def setUp(self):
        self.home = temporary_directory()
        self.addCleanup(remove_tree, self.home)
        self.certs = os.path.join(self.home, "certs")

    def run_certs(self, *names, expected=0, directory=None, **more):
        done = run_program("certs", directory or self.certs, *names, **more)
        self.assertEqual(done.returncode, expected, done)
        if expected:
            self.assertNotEqual(done.stderr, "")
        else:
            self.assertEqual(done.stderr, "")
        return done

    def path(self, name):
        return os.path.join(self.certs, name)

    def contents(self):
        return {name: content(self.path(name)) for name in os.listdir(self.certs)}


class Making(CertsTest):
    def test_files_are_there_whole_and_keys_are_for_their_owner(self):
        done = self.run_certs("collector", "web-1", "127.0.0.1")
        self.assertEqual(sorted(os.listdir(self.certs)),
                         ["127.0.0.1.key", "127.0.0.1.pem", "ca.key", "ca.pem", "collector.key",
                          "collector.pem", "web-1.key", "web-1.pem"])
        self.assertEqual(mode(self.certs), 0o700)
        for name in os.listdir(self.certs):
            self.assertEqual(mode(self.path(name)), 0o600 if name.endswith(".key") else 0o644, name)
            self.assertIn(self.path(name), done.stdout)

    def test_a_node_may_come_later(self):
        self.run_certs("collector", "web-1")
        before = self.contents()
        done = self.run_certs("web-2", directory=self.certs + "//")
        self.assertIn("--allow web-2", done.stdout)
        self.assertEqual({k: v for k, v in self.contents().items() if "web-2" not in k}, before)
        self.assertIn("web-2.key", os.listdir(self.certs))

    def test_the_commands_to_try_are_one_line_each_and_name_the_files(self):
        odd = os.path.join(self.home, "it's odd")
        done = self.run_certs("::1", "web-1", directory=odd)
        commands = [shlex.split(x) for x in done.stdout.replace("\\\n", " ").splitlines()
                    if x.startswith("  actors ")]
        self.assertEqual([x[1] for x in commands], ["collect", "watch"])
        self.assertEqual(commands[0][2:],
                         ["--listen", "[::1]:9471", "--store", "events.db", "--tls-ca", odd + "/ca.pem",
                          "--tls-cert", odd + "/::1.pem", "--tls-key", odd + "/::1.key",
                          "--allow", "web-1"])
        self.assertEqual(commands[1][2:],
                         [".", "--exclude", "events.db*", "--to", "[::1]:9471", "--tls-ca", odd + "/ca.pem",
                          "--tls-cert", odd + "/web-1.pem", "--tls-key", odd + "/web-1.key"])

    @unittest.skipUnless(shutil.which("openssl"), "there is no openssl")
    def test_openssl_takes_them_at_both_ends(self):
        self.run_certs("collector", "127.0.0.1")
        for name, check in (("collector", ("-verify_hostname", "collector")),
                            ("127.0.0.1", ("-verify_ip", "127.0.0.1"))):
            for purpose in ("sslserver", "sslclient"):
                done = subprocess.run(
                    ["openssl", "verify", "-x509_strict", "-purpose", purpose, *check, "-CAfile",
                     self.path("ca.pem"), self.path(name + ".pem")], capture_output=True, text=True,
                    timeout=20)
                self.assertEqual(done.returncode, 0, done)
        wrong = subprocess.run(["openssl", "verify", "-verify_hostname", "web-1", "-CAfile",
                                self.path("ca.pem"), self.path("collector.pem")],
                               capture_output=True, timeout=20)
        self.assertNotEqual(wrong.returncode, 0)
        public = [subprocess.run(["openssl", *words], capture_output=True, timeout=20).stdout for words in
                  (("pkey", "-in", self.path("collector.key"), "-pubout"),
                   ("x509", "-in", self.path("collector.pem"), "-pubkey", "-noout"))]
        self.assertTrue(public[0])
        self.assertEqual(*public)


class Refusing(CertsTest):
    def test_a_name_that_is_none_is_told_and_nothing_is_written(self):
        done = self.run_certs("web-1", "a/b", "*.example", "ca", "web-1", "1.2.3", expected=64)
        self.assertEqual(len(done.stderr.splitlines()), 5)
        for what in ('"a/b"', '"*.example"', '"ca"', '"web-1": is named twice', '"1.2.3"'):
            self.assertIn("actors: " + what.split(":")[0], done.stderr)
        self.assertFalse(os.path.exists(self.certs))
        for words in (("certs",), ("certs", self.certs), ("certs", "", "web-1")):
            self.assertEqual(run_program(*words).returncode, 64, words)
        self.assertEqual(run_program("certs", self.certs, "--", "-x").returncode, 64)
        self.assertEqual(run_program("certs", self.certs, "..").returncode, 64)
        self.assertFalse(os.path.exists(self.certs))

    def test_what_is_there_is_not_written_over(self):
        self.run_certs("web-1")
        os.unlink(self.path("web-1.pem"))  # half of it is there still
        before = self.contents()
        done = self.run_certs("web-2", "web-1", expected=1)
        self.assertIn(self.path("web-1.key") + ": is there already", done.stderr)
        self.assertEqual(self.contents(), before)

    def test_half_an_authority_is_none(self):
        self.run_certs("web-1")
        os.rename(self.path("ca.key"), self.path("away"))
        done = self.run_certs("web-2", expected=1)
        self.assertIn(self.path("ca.key") + ": is missing", done.stderr)
        os.rename(self.path("web-1.key"), self.path("ca.key"))
        done = self.run_certs("web-2", expected=1)
        self.assertIn("does not belong to the certificate in", done.stderr)
        self.assertNotIn("web-2.pem", os.listdir(self.certs))

    def test_a_place_that_cannot_be_written_is_told(self):
        done = self.run_certs("web-1", directory=os.path.join(self.home, "no/such"), expected=66)
        self.assertIn("no/such", done.stderr)
        with open(self.certs, "w"):
            pass
        self.assertIn("no directory", self.run_certs("web-1", expected=66).stderr)

    @unittest.skipUnless(can_be_nobody(), "needs root, to be somebody else")
    def test_a_place_of_somebody_else_is_told(self):
        program = program_for_nobody(self.home)
        os.mkdir(self.certs, 0o755)
        done = subprocess.run([*AS_NOBODY, program, "certs", self.certs, "web-1"],
                              capture_output=True, text=True, timeout=20)
        self.assertEqual(done.returncode, 77, done)
        self.assertIn("Permission denied", done.stderr)
        self.assertEqual(os.listdir(self.certs), [])

    def test_an_output_that_takes_nothing_is_an_error(self):
        with open("/dev/full", "w") as full:
            done = subprocess.run([BINARY, "certs", self.certs, "web-1"], stdout=full, timeout=20)
        self.assertEqual(done.returncode, 1)


if __name__ == "__main__":
    unittest.main()
