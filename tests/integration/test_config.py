"""Configurations: what is wrong is told all at once, the program runs them, and takes on changed ones
without a break for what did not change."""

import json
import os
import re
import signal
import subprocess
import unittest

from harness import (BINARY, PATIENCE, Watch, remove_tree, run_program, temporary_directory, wait_until,
                     write)

CONFIG = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../config")
DOCS = os.path.join(CONFIG, "../docs")


class Case(unittest.TestCase):
    def setUp(self):
        self.home = temporary_directory()
        self.addCleanup(remove_tree, self.home)
        self.file = os.path.join(self.home, "config.json")
        self.root = self.directory("root")

    def directory(self, name):
        path = os.path.join(self.home, name)
        os.mkdir(path)
        return path

    def pipeline(self, name="src", root=None, **more):
        return {"name": name, "watch": {"paths": [root or self.root], "backend": "inotify"},
                "debounce": {"quiet_ms": 0}, "emit": [{"to": "stdout"}], **more}

    def write(self, *pipelines, **more):
        write(self.file, json.dumps({
            "node": {"admin": "unix:" + os.path.join(self.home, "admin.sock")},
            "pipelines": list(pipelines), **more}, indent=1))
        return self.file

    def validate(self, *arguments):
        return run_program("validate", *(arguments or [self.file]))


class Validate(Case):
    def test_a_good_file_gives_the_restart_schedule_of_every_child(self):
        self.write(self.pipeline(debounce={"quiet_ms": 10}, supervise={"base_ms": 500}))
        done = self.validate()
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(done.stdout.splitlines(), [
            "src/%s: tries after 500ms 1s 2s 4s 8s, gives up 15500ms after the first crash" % x
            for x in ("watcher", "debouncer", "stdout")] + ["ok: 1 pipeline, 3 children"])

    def test_all_mistakes_of_all_three_tiers_come_at_once(self):
        write(self.file, """{
  "pipelines": [
    {"name": "a", "watch": {"paths": ["%s/none"]}, "colour": 1,
     "debounce": {"quiet_ms": -1},
     "emit": [
       {"to": "stdout"}, {"to": "stdout"},
       {"to": "file", "path": "/none/there/f"}]}]}""" % self.home)
        done = self.validate()
        self.assertEqual((done.returncode, done.stdout), (78, ""))
        lines = done.stderr.splitlines()
        self.assertEqual(lines[-1], "actors: 5 mistakes")
        for line, start in zip(lines, (
                ":3: pipelines[0].colour: there is no such key",
                ":3: pipelines[0].watch.paths[0]: cannot watch",
                ":4: pipelines[0].debounce.quiet_ms: must be a whole number from 0 to 60000, not -1",
                ":6: pipelines[0].emit[1]: standard output has one writer",
                ":7: pipelines[0].emit[2].path: its directory does not exist")):
            self.assertTrue(line.startswith(self.file + start), (line, start))

    def test_what_is_no_configuration_is_one_mistake(self):
        for what in (self.home, os.path.join(self.home, "none"), "/dev/null"):
            done = self.validate(what)
            self.assertEqual(done.returncode, 78, done.stderr)
            self.assertIn("1 mistake", done.stderr)
        fifo = os.path.join(self.home, "fifo")
        os.mkfifo(fifo)
        self.assertEqual(self.validate(fifo).returncode, 78)
        self.assertEqual(run_program("validate").returncode, 64)
        self.assertEqual(run_program("run").returncode, 64)


class Samples(Case):
    """What is in config/ and docs/ is what the program says."""

    def samples(self):
        names = sorted(x for x in os.listdir(CONFIG) if x.endswith(".json") and "schema" not in x)
        self.assertEqual(len(names), 4)
        return [os.path.join(CONFIG, x) for x in names]

    def test_the_samples_have_no_mistake_but_what_this_machine_lacks(self):
        for sample in self.samples():
            for line in self.validate(sample).stderr.splitlines():
                self.assertRegex(line, r"does not exist|no such program|^actors: \d+ mistake|may not be")

    def test_the_schema_and_the_tables_are_those_of_the_program(self):
        with open(os.path.join(CONFIG, "actors.schema.json")) as f:
            self.assertEqual(f.read(), self.validate("--schema").stdout,
                             "actors validate --schema > config/actors.schema.json")
        with open(os.path.join(DOCS, "config.md")) as f:
            self.assertIn(self.validate("--keys-markdown").stdout, f.read(),
                          "replace the tables by: actors validate --keys-markdown")

    def test_the_samples_keep_to_the_schema(self):
        try:
            import jsonschema
        except ImportError:
            self.skipTest("python3-jsonschema is not installed")
        schema = json.loads(self.validate("--schema").stdout)
        jsonschema.Draft202012Validator.check_schema(schema)
        check = jsonschema.Draft202012Validator(schema)
        for sample in self.samples():
            with open(sample) as f:
                text = re.sub(r"^\s*//.*$", "", f.read(), flags=re.M)
            self.assertEqual([x.message for x in check.iter_errors(json.loads(text))], [], sample)
        bad = self.pipeline(colour=1)
        self.assertTrue(list(check.iter_errors({"pipelines": [bad]})))


def start(case, *options):
    """`actors run --config` on the file of the case; what it tells is replayed as that of its root."""
    program = Watch(case.root, command=["run", "--config", case.file, *options])
    program.admin = os.path.join(case.home, "admin.sock")
    case.addCleanup(program.close)
    return program


class Running(Case):
    def incarnation(self, program, child):
        for row in program.status()["children"]:
            if row["id"] == child:
                return row["incarnation"]
        return None

    def reload(self, program, what="config_reloaded|config_kept"):
        count = len(re.findall("event=(%s)" % what, program.log))
        program.send(signal.SIGHUP)
        program.wait_log("event=(%s)" % what, count=count + 1)

    def test_it_tells_what_changes_and_drains_at_a_signal(self):
        self.write(self.pipeline(debounce={"quiet_ms": 60000}))
        program = start(self)
        write(os.path.join(self.root, "a"))
        wait_until(lambda: program.status()["ready"], what="ready")
        wait_until(lambda: any(x["id"] == "src/debouncer" and x["mailbox"]["depth"] > 0
                               for x in program.status()["children"]), what="the change is held")
        self.assertEqual(program.stop(), 0)
        self.assertEqual(program.told()[0], ("create", "a"))

    def test_a_bad_file_does_not_start_and_says_all_that_is_wrong(self):
        self.write(self.pipeline(colour=1), self.pipeline())
        done = run_program("run", "--config", self.file)
        self.assertEqual(done.returncode, 78)
        self.assertIn("colour: there is no such key", done.stderr)
        self.assertIn("is the name of another pipeline too", done.stderr)
        self.write(self.pipeline(root=os.path.join(self.home, "none")))
        self.assertEqual(run_program("run", "--config", self.file).returncode, 66)

    def test_a_bad_reload_changes_nothing_and_every_mistake_is_logged(self):
        self.write(self.pipeline())
        program = start(self, "--log-format", "json")
        self.write(self.pipeline(colour=1, debounce={"quiet_ms": -3}))
        program.send(signal.SIGHUP)
        program.wait_log("config_kept")
        rejected = [json.loads(x)["mistake"] for x in program.log.splitlines() if "config_rejected" in x]
        self.assertEqual(len(rejected), 2)
        self.assertIn("colour", "".join(rejected))
        self.assertEqual(self.incarnation(program, "src/watcher"), 1)
        write(os.path.join(self.root, "a"))
        program.wait_record("create", os.path.join(self.root, "a"))
        self.assertEqual(program.stop(), 0)

    def test_another_debounce_is_taken_on_while_the_watcher_watches_on(self):
        self.write(self.pipeline(debounce={"quiet_ms": 30}))
        program = start(self)
        self.write(self.pipeline(debounce={"quiet_ms": 10}))
        self.reload(program)
        self.assertIn("pipeline src: adjusted: debouncer changed", program.log)
        write(os.path.join(self.root, "a"))
        program.wait_record("create", os.path.join(self.root, "a"))
        self.assertEqual(self.incarnation(program, "src/watcher"), 1)
        self.assertEqual(self.incarnation(program, "src/debouncer"), 2)
        self.assertEqual(sum(x.type == "ready" for x in program.records), 1)
        self.reload(program)
        program.wait_log("event=config_reloaded .*changes=0 failed=0")
        self.assertEqual(self.incarnation(program, "src/debouncer"), 2)
        self.assertEqual(program.stop(), 0)

    def test_pipelines_come_and_go_and_other_paths_are_watched(self):
        other = self.directory("other")
        self.write(self.pipeline())
        program = start(self)
        self.write(self.pipeline(name="new", root=other))
        self.reload(program)
        program.wait_record("ready", other)
        self.assertEqual(self.incarnation(program, "new/watcher"), 1)
        self.assertIsNone(self.incarnation(program, "src/watcher"))
        self.write(self.pipeline(name="new"))
        since = program.mark()
        self.reload(program)
        program.wait_record("ready", self.root, since)
        write(os.path.join(other, "not"))
        write(os.path.join(self.root, "a"))
        program.wait_record("create", os.path.join(self.root, "a"), since)
        self.assertFalse([x for x in program.changes(since) if x.path.startswith(os.fsencode(other))])
        self.assertEqual(program.stop(), 0)

    def test_a_state_file_outlives_a_reload_of_its_pipeline(self):
        state = os.path.join(self.home, "state")
        pipeline = self.pipeline()
        pipeline["watch"]["state"] = state
        self.write(pipeline)
        program = start(self)
        os.mkdir(os.path.join(self.root, "a"))  # one change; a file that is written may be two
        program.wait_record("create", os.path.join(self.root, "a"))
        pipeline["supervise"] = {"hang_after_ms": 10000}
        self.write(pipeline)
        since = program.mark()
        self.reload(program)
        self.assertIn("pipeline src: restarted: supervise changed", program.log)
        program.wait_record("ready", self.root, since)
        self.assertEqual(program.told(since), [])
        self.assertEqual(program.stop(), 0)

    def test_the_end_of_all_pipelines_ends_the_program(self):
        self.write(self.pipeline())
        reader, writer = os.pipe()
        os.close(reader)  # nobody wants the records any more: that is an end, and no fault
        try:
            done = subprocess.run([BINARY, "run", "--config", self.file], stdout=writer,
                                  stderr=subprocess.PIPE, timeout=PATIENCE)
        finally:
            os.close(writer)
        self.assertEqual(done.returncode, 0, done.stderr)


if __name__ == "__main__":
    unittest.main()
