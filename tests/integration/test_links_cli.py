#!/usr/bin/env python3
"""`actors watch --to` and `actors collect`: from a directory on one node to the store of another."""

import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import ssl
import subprocess
import unittest

from harness import PATIENCE, TreeTest, Watch, run_program, wait_until, write

PLAIN = "--insecure-loopback"


def host_name():
    return "".join(x if x.isalnum() or x in "-_" else "-" for x in socket.gethostname().partition(".")[0])


class Links(TreeTest):
    def setUp(self):
        super().setUp()
        self.store = os.path.join(self.home, "events.db")
        self.unix = "unix:" + os.path.join(self.home, "collector.sock")
        self.certs = os.path.join(self.home, "certs")

    def make_certs(self, *names, directory=None):
        done = run_program("certs", directory or self.certs, *names)
        self.assertEqual(done.returncode, 0, done.stderr)

    def identity(self, name, ca=None, directory=None):
        where = directory or self.certs
        return ["--tls-ca", os.path.join(ca or where, "ca.pem"),
                "--tls-cert", os.path.join(where, name + ".pem"),
                "--tls-key", os.path.join(where, name + ".key")]

    def start(self, command, *options, **more):
        program = Watch(self.root, command=command, options=options, wait_ready=False, **more)
        self.addCleanup(program.close)
        program.options = options
        return program

    def collect(self, *options, listen=None, store=None, **more):
        """Under way, and listening."""
        home = os.path.join(self.home, "collector-%d.sock" % len(os.listdir(self.home)))
        program = self.start(["collect", "--listen", listen or self.unix, "--store",
                              store or self.store, "--admin", home], *options, **more)
        program.admin = home
        self.wait_listening(program)
        return program

    def wait_listening(self, program):
        def address():
            if program.process.poll() is not None:
                raise AssertionError(program.describe())
            answer = run_program("status", "--json", "--admin", program.admin)
            told = json.loads(answer.stdout) if answer.returncode == 0 else {}
            notes = [x["note"] for x in told.get("children", []) if x["id"] == "collector/acceptor"]
            return told.get("ready") and notes and notes[0]

        program.address = wait_until(address, what="a collector that listens")

    def watch(self, *options, to=None, root=None, **more):
        """Sends what changes; it watches already."""
        program = Watch(root or self.root, options=["--to", to or self.unix, *options], **more)
        self.addCleanup(program.close)
        return program

    def rows(self, store=None):
        try:
            with sqlite3.connect("file:%s?mode=ro" % (store or self.store), uri=True) as base:
                return base.execute("SELECT node, root, seq, type, path FROM events"
                                    " ORDER BY node, seq").fetchall()
        except sqlite3.OperationalError:
            return []

    def wait_stored(self, path, store=None, kind="create", deadline=PATIENCE):
        wait_until(lambda: any(x[3:] == (kind, path) for x in self.rows(store)), deadline,
                   "%s of %s in the store: %s" % (kind, path, self.rows(store)[-5:]), interval=0.05)

    def check_complete(self, node):
        """Each number once."""
        numbers = [x[2] for x in self.rows() if x[0] == node]
        self.assertEqual(numbers, list(range(1, len(numbers) + 1)))


class FirstTry(Links):
    def test_over_tls_records_come_to_the_store_and_the_merged_stream(self):
        self.make_certs("127.0.0.1", "web-1")
        collector = self.collect("--format", "json", "--allow", "WEB-1", *self.identity("127.0.0.1"),
                                 listen="127.0.0.1:0")
        watch = self.watch("--node", "web-1", *self.identity("web-1"), to=collector.address)
        write(self.path("a"))
        record = collector.wait_record("create", self.path("a"))
        self.assertEqual((record["node"], record["root"]), ("web-1", self.root))
        self.wait_stored(self.path("a"))
        self.assertIn(("web-1", self.root, record.seq, "create", self.path("a")), self.rows())
        self.check_complete("web-1")
        collector.wait_log("event=peer_up .*node=web-1")
        self.assertEqual(watch.stop(), 0, watch.describe())
        self.assertEqual([x.type for x in watch.records], ["ready"])
        self.assertEqual(watch.log, "")
        collector.wait_log("event=peer_lost .*goodbye")
        self.assertEqual(collector.stop(), 0, collector.describe())

    def test_in_the_clear_two_programs_of_one_machine_have_different_names(self):
        collector = self.collect(PLAIN)
        self.assertEqual(collector.status()["node"], host_name() + "-collector")
        watch = self.watch(PLAIN, "--format", "json")
        write(self.path("a"))
        watch.wait_record("create", self.path("a"))
        self.wait_stored(self.path("a"))
        self.assertEqual({x[0] for x in self.rows()}, {host_name()})
        self.assertEqual(watch.stop(), 0, watch.describe())
        self.assertEqual(collector.stop(), 0, collector.describe())
        self.assertEqual(collector.output, b"")

    def test_a_collector_forwards_what_it_collects(self):
        above = self.collect(PLAIN, "--node", "above", "--format", "json",
                             listen="unix:" + os.path.join(self.home, "above.sock"),
                             store=os.path.join(self.home, "above.db"))
        self.collect(PLAIN, "--node", "below", "--forward", above.address)
        self.watch(PLAIN, "--node", "leaf")
        write(self.path("a"))
        record = above.wait_record("create", self.path("a"))
        self.assertEqual((record["node"], record["root"]), ("leaf", self.root))

    def test_a_command_is_run_besides(self):
        self.collect(PLAIN)
        made = os.path.join(self.home, "made")
        self.start(["watch", self.root, "--settle", "0", "--to", self.unix, PLAIN,
                    "--", "touch", made])
        wait_until(lambda: any(x[3] == "ready" for x in self.rows()), what="ready")
        write(self.path("a"))
        self.wait_stored(self.path("a"))
        wait_until(lambda: os.path.exists(made), what="the run of the command")

    def test_once_ends_when_the_first_changes_are_stored(self):
        self.collect(PLAIN)
        watch = self.watch(PLAIN, "--once")
        write(self.path("a"))
        self.assertEqual(watch.wait_exit(), 0, watch.describe())
        self.assertTrue(any(x[4] == self.path("a") for x in self.rows()), self.rows())


class Mistakes(Links):
    def check(self, code, text, *arguments):
        done = run_program(*arguments)
        self.assertEqual(done.returncode, code, done)
        self.assertRegex(done.stderr, text)
        self.assertEqual(done.stdout, "")
        self.assertFalse(os.path.exists(self.store))

    def test_what_the_command_line_has_wrong_is_told_before_the_start(self):
        watch = ["watch", self.root]
        tls = ["--tls-ca", "a", "--tls-cert", "b", "--tls-key", "c"]
        self.check(64, "--tls-ca is missing.*actors certs", *watch, "--to", "127.0.0.1:1")
        self.check(64, "--tls-key is missing", *watch, "--to", "h:1", *tls[:4])
        self.check(64, "far:1 is not on this machine", *watch, "--to", "far:1", PLAIN)
        self.check(64, "10.0.0.1:2 is not on", *watch, "--to", "[::1]:1", "--to", "10.0.0.1:2", PLAIN)
        self.check(64, "choose one", *watch, "--to", "127.0.0.1:1", PLAIN, *tls)
        self.check(64, "--server-name", *watch, "--to", self.unix, *tls)
        self.check(64, "HOST:PORT", *watch, "--to", "nonsense", PLAIN)
        self.check(64, "say where to, with --to", *watch, "--spool", "f")
        self.check(64, "no name of a node", *watch, "--to", "127.0.0.1:1", PLAIN, "--node", "a b")
        collect = ["collect", "--store", self.store, "--listen"]
        self.check(64, "--store is required", "collect", "--listen", self.unix)
        self.check(64, "--listen", *collect, "localhost:1", PLAIN)
        self.check(64, "0.0.0.0:1 can be reached from other", *collect, "0.0.0.0:1", PLAIN)
        self.check(64, "--tls-ca is missing", *collect, "0.0.0.0:1")
        self.check(64, "--allow is missing", *collect, "0.0.0.0:1", *tls)
        self.check(64, "in the clear", *collect, "0.0.0.0:1", *tls, "--allow", "loopback")
        self.check(64, "far:1 is not on", *collect, self.unix, PLAIN, "--forward", "far:1")

    def test_what_certificates_have_wrong_is_told_before_the_start(self):
        self.make_certs("one", "two")
        mixed = self.identity("one")[:4] + self.identity("two")[4:]
        gone = self.identity("one")[:4] + ["--tls-key", self.certs + "/none.key"]
        for which, text in ((mixed, "two.key"), (gone, "none.key")):
            self.check(78, text, "watch", self.root, "--to", "h:1", *which)
            self.check(78, text, "collect", "--listen", self.unix, "--store", self.store,
                       "--allow", "*", *which)

    @unittest.skipUnless(shutil.which("openssl"), "there is no openssl")
    def test_a_certificate_that_has_ended_is_refused_before_the_start(self):
        self.make_certs("one")
        name = os.path.join(self.certs, "old")

        def openssl(*words):
            done = subprocess.run(["openssl", *words], stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, cwd=self.certs)
            self.assertEqual(done.returncode, 0, done.stdout)

        openssl("req", "-new", "-key", "one.key", "-subj", "/CN=old", "-out", "old.csr",
                "-addext", "subjectAltName=DNS:old")
        open(os.path.join(self.certs, "index"), "w").close()
        write(os.path.join(self.certs, "conf"),
              "[ca]\ndefault_ca=c\n[c]\ndatabase=index\nnew_certs_dir=.\nrand_serial=yes\n"
              "default_md=sha256\npolicy=p\ncopy_extensions=copy\n[p]\ncommonName=optional\n")
        openssl("ca", "-batch", "-config", "conf", "-cert", "ca.pem", "-keyfile", "ca.key", "-in",
                "old.csr", "-out", "old.pem", "-notext", "-startdate", "20200101000000Z", "-enddate",
                "20210101000000Z")
        shutil.copy(os.path.join(self.certs, "one.key"), name + ".key")
        self.check(78, "old.pem.*2021", "watch", self.root, "--to", "h:1", *self.identity("old"))

    def test_a_store_that_is_none_is_refused_in_one_line(self):
        for name, text in (("bad", "not a database"), ("gone/db", "No such"), ("", "unable")):
            store = os.path.join(self.home, name)
            if name == "bad":
                write(store, "no database\n" * 1000)
            done = run_program("collect", "--listen", self.unix, "--store", store, PLAIN, "-q")
            self.assertIn(done.returncode, (1, 66, 78), done)
            self.assertRegex(done.stderr, r"\Aactors: store .*%s.*\n\Z" % text)

    def test_an_address_that_is_in_use_is_a_run_time_error(self):
        self.collect(PLAIN)
        done = run_program("collect", "--listen", self.unix, "--store", self.store + "2", PLAIN)
        self.assertEqual(done.returncode, 1, done)
        self.assertIn(self.unix[5:], done.stderr)


class Strangers(Links):
    """Both sides say why they do not come together."""

    def setUp(self):
        super().setUp()
        self.make_certs("127.0.0.1", "web-1", "web-2")
        self.other = os.path.join(self.home, "other")
        self.make_certs("web-1", directory=self.other)
        self.collector = self.collect("--allow", "web-1", *self.identity("127.0.0.1"),
                                      listen="127.0.0.1:0")

    def check(self, there, here, *options):
        count = len(self.collector.log)
        watch = self.watch("--node", "w", *options, to=self.collector.address)
        watch.wait_log("event=link_unreachable .*" + here)
        if there:
            wait_until(lambda: re.search("event=connection_refused .*" + there,
                                                       self.collector.log[count:]),
                       what="%s in %s" % (there, self.collector.log[count:]))
        watch.close()  # a stop would wait for somebody to take what it has

    def test_a_name_that_is_not_allowed(self):
        self.check("web-2.*not among those that may link", "web-2.*not among those that may link",
                   *self.identity("web-2"))

    def test_certificates_of_another_authority(self):
        self.check("certificate", "certificate", *self.identity("web-1", directory=self.other))

    def test_a_collector_of_another_name(self):
        self.check("", "collector.example", *self.identity("web-1"), "--server-name",
                   "collector.example")

    def test_one_that_speaks_in_the_clear(self):
        self.check("TLS", "", PLAIN)

    def test_a_node_with_the_name_of_the_collector(self):
        watch = self.watch("--node", host_name() + "-collector", *self.identity("web-1"),
                           to=self.collector.address)
        watch.wait_log("event=link_unreachable .*--node NAME")
        self.collector.wait_log("event=link_refused .*--node NAME")


class Certificates(Links):
    def shown(self, address, name="web-1"):
        """The certificate that the collector shows."""
        host, _, port = address.rpartition(":")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(os.path.join(self.certs, "ca.pem"))
        context.load_cert_chain(os.path.join(self.certs, name + ".pem"),
                                os.path.join(self.certs, name + ".key"))
        with socket.create_connection((host, int(port)), PATIENCE) as plain:
            with context.wrap_socket(plain, server_hostname=host) as link:
                return link.getpeercert(binary_form=True)

    def exchange(self, name):
        for suffix in (".pem", ".key"):
            os.unlink(os.path.join(self.certs, name + suffix))
        self.make_certs(name)

    def test_sighup_exchanges_them_and_bad_ones_change_nothing(self):
        self.make_certs("127.0.0.1", "web-1")
        collector = self.collect("--allow", "web-1", *self.identity("127.0.0.1"),
                                 listen="127.0.0.1:0")
        watch = self.watch("--node", "w", *self.identity("web-1"), to=collector.address)
        first = self.shown(collector.address)
        self.exchange("127.0.0.1")
        self.assertEqual(self.shown(collector.address), first)
        collector.send(signal.SIGHUP)
        collector.wait_log("event=certificates_reloaded")
        second = self.shown(collector.address)
        self.assertNotEqual(second, first)
        write(os.path.join(self.certs, "127.0.0.1.pem"), "nonsense")
        collector.send(signal.SIGHUP)
        collector.wait_log("event=certificates_refused .*127.0.0.1.pem")
        self.assertEqual(self.shown(collector.address), second)
        write(self.path("a"))  # the link has not noticed
        self.wait_stored(self.path("a"))
        self.assertNotIn("link_lost", watch.log)
        self.assertEqual(collector.stop(), 0, collector.describe())

    def test_a_key_that_all_may_read_is_told_once(self):
        self.make_certs("127.0.0.1", "web-1")
        for name in ("127.0.0.1.key", "web-1.key"):
            os.chmod(os.path.join(self.certs, name), 0o644)
        collector = self.collect("--allow", "*", *self.identity("127.0.0.1"), listen="127.0.0.1:0")
        watch = self.watch("--node", "w", *self.identity("web-1"), to=collector.address)
        for program in (collector, watch):
            program.wait_log("event=certificate_warning")
            self.assertEqual(program.log.count("certificate_warning"), 1, program.log)


class Losses(Links):
    def test_a_collector_that_is_killed_and_comes_back_misses_nothing(self):
        collector = self.collect(PLAIN)
        watch = self.watch(PLAIN, "--node", "w", "--spool", os.path.join(self.home, "spool"))
        for i in range(3):
            for k in range(50):
                write(self.path("%d-%d" % (i, k)))
            self.wait_stored(self.path("%d-10" % i))
            collector.send(signal.SIGKILL)
            collector.wait_exit()
            write(self.path("away-%d" % i))
            collector = self.collect(PLAIN)
        write(self.path("last"))
        self.wait_stored(self.path("last"))
        self.check_complete("w")
        created = {x[4] for x in self.rows() if x[3] == "create"}
        self.assertEqual(created, {self.path(x) for x in os.listdir(self.root)})
        self.assertEqual(watch.stop(), 0, watch.describe())
        self.assertEqual(collector.stop(), 0, collector.describe())

    def test_what_a_spool_holds_is_sent_by_the_next_run(self):
        spool = os.path.join(self.home, "spool")
        watch = self.watch(PLAIN, "--node", "w", "--spool", spool)
        write(self.path("a"))
        wait_until(lambda: watch.child("link-spool")["mailbox"]["released"] >= 2,
                   what="ready and a change in the spool")
        watch.send(signal.SIGKILL)
        watch.wait_exit()
        self.collect(PLAIN)
        self.watch(PLAIN, "--node", "w", "--spool", spool)
        self.wait_stored(self.path("a"))

    def test_a_stop_is_bounded_while_the_collector_stands_still(self):
        collector = self.collect(PLAIN)
        watch = self.watch(PLAIN, "--node", "w")
        write(self.path("a"))
        self.wait_stored(self.path("a"))
        collector.send(signal.SIGSTOP)
        self.addCleanup(collector.send, signal.SIGCONT)
        for k in range(20):
            write(self.path("b-%d" % k))
        self.assertEqual(watch.stop(deadline=40), 0, watch.describe())

    def test_a_collector_stops_though_a_sender_stands_still(self):
        collector = self.collect(PLAIN)
        watch = self.watch(PLAIN, "--node", "w")
        write(self.path("a"))
        self.wait_stored(self.path("a"))
        watch.send(signal.SIGSTOP)
        self.addCleanup(watch.send, signal.SIGCONT)
        self.assertEqual(collector.stop(deadline=40), 0, collector.describe())

    def test_a_collector_ends_when_nobody_reads_what_it_prints(self):
        above = self.collect(PLAIN, "--node", "above", store=os.path.join(self.home, "above.db"),
                             listen="unix:" + os.path.join(self.home, "above.sock"))
        collector = self.collect(PLAIN, "--format", "json", "--forward", above.address,
                                 reading=False)
        self.watch(PLAIN, "--node", "w")
        wait_until(lambda: self.rows(), what="ready")
        collector.process.stdout.close()
        self.assertEqual(collector.process.wait(PATIENCE), 0, collector.stderr)

    def test_a_sender_ends_when_nobody_reads_what_it_prints(self):
        self.collect(PLAIN)
        watch = self.watch(PLAIN, "--node", "w", reading=False)
        wait_until(lambda: self.rows(), what="ready")
        watch.process.stdout.close()
        self.assertEqual(watch.process.wait(PATIENCE), 0, watch.stderr)

class Configured(Links):
    def write(self, **config):
        config["node"] = {"name": "center", "admin": "unix:" + os.path.join(self.home, "admin.sock")}
        self.file = os.path.join(self.home, "config.json")
        write(self.file, json.dumps(config))

    def test_run_collects_and_a_change_of_it_waits_for_the_next_start(self):
        self.make_certs("127.0.0.1", "web-1")
        collect = {"listen": "127.0.0.1:0", "store": self.store, "allow": ["web-1"],
                   "tls": {"ca": self.certs + "/ca.pem", "cert": self.certs + "/127.0.0.1.pem",
                           "key": self.certs + "/127.0.0.1.key"},
                   "emit": [{"to": "file", "path": os.path.join(self.home, "merged")}]}
        self.write(collect=collect)
        done = run_program("validate", self.file)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("collector/receiver: tries", done.stdout)
        program = self.start(["run", "--config", self.file])
        program.admin = os.path.join(self.home, "admin.sock")
        self.wait_listening(program)
        self.watch("--node", "w", *self.identity("web-1"), to=program.address)
        write(self.path("a"))
        self.wait_stored(self.path("a"))
        self.write(collect={**collect, "peers_max": 7})
        program.send(signal.SIGHUP)
        program.wait_log("event=config_applied .*collect: changed; it counts from the next start")
        program.wait_log("event=certificates_reloaded")
        program.wait_log("event=config_reloaded")
        write(self.path("b"))
        self.wait_stored(self.path("b"))
        write(self.certs + "/127.0.0.1.key", "nonsense")
        program.send(signal.SIGHUP)
        program.wait_log("event=certificates_refused")
        program.wait_log("event=config_rejected .*collect.tls.*127.0.0.1.key")
        write(self.path("c"))
        self.wait_stored(self.path("c"))
        self.assertEqual(program.stop(), 0, program.describe())
        with open(os.path.join(self.home, "merged")) as merged:
            told = [json.loads(x) for x in merged]
        self.assertEqual([x["path"] for x in told if x["type"] == "create"],
                         [self.path(x) for x in "abc"])
        self.assertEqual({x["node"] for x in told}, {"w"})

    def test_a_pipeline_links_to_it(self):
        self.write(pipelines=[{"name": "p", "watch": {"paths": [self.root]},
                               "debounce": {"quiet_ms": 0},
                               "emit": [{"to": "node", "address": self.unix,
                                         "insecure_loopback": True}]}])
        self.start(["run", "--config", self.file])
        self.collect(PLAIN)
        wait_until(lambda: any(x[3] == "ready" for x in self.rows()), what="ready")
        write(self.path("a"))
        self.wait_stored(self.path("a"))
        self.assertEqual({x[0] for x in self.rows()}, {"center"})


if __name__ == "__main__":
    unittest.main(verbosity=2)
