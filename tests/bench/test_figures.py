"""What the benchmark's report is made of: statistics, verdicts, comparison, tables and charts, on figures made up for it."""

import contextlib
import io
import itertools
import os
import re
import signal
import sys
import time
import unittest
import unittest.mock
import xml.etree.ElementTree
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "bench"))

# pylint: disable=wrong-import-position
from report import charts, compare, figures, page, panels, process, runner, scaling, tables, targets  # noqa: E402


def run(row, contender, time, number=0, zeroed=False, **more):
    return {"name": row, "run_name": row, "run_type": "iteration", "real_time": time, "contender": contender, "zeroed": zeroed,
            "round": number, **more}


def report(runs, target="linux", **more):
    context = {"target": target, "default": "glibc", "processor": "some processor", "system": "some system", "contenders": ["glibc 1"],
               "suite": "the quick suite", "rounds": 1, "min_time": 0.02, "oversubscribed": [], "left_out": [], "num_cpus": 2, **more}
    return {"context": context, "benchmarks": runs}


def text_of(function, *arguments):
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        function(*arguments)
    return output.getvalue()


class Rows(unittest.TestCase):
    def test_names_are_taken_apart(self):
        self.assertEqual(figures.parse_row("counters-apart/48/2"), figures.Row("counters-apart/48/2", "counters-apart", 48, 2))
        row = figures.parse_row("churn/512/1/live:100000")
        self.assertEqual((row.workload, row.size, row.threads, row.live, row.heaps), ("churn", 512, 1, 100000, 0))
        self.assertEqual(figures.parse_row("heaps/64/1/heaps:16").heaps, 16)

    def test_memory_rows_have_a_process_each_and_others_share_by_family(self):
        self.assertNotEqual(runner.family_of("memory-churn/512/1"), runner.family_of("memory-churn/4096/1"))
        self.assertEqual(runner.family_of("pair/64/1"), runner.family_of("batch/512/2"))
        self.assertNotEqual(runner.family_of("churn/512/1"), runner.family_of("batch/512/2"))
        self.assertEqual(runner.family_of("churn/512/1", runner.QUICK_FAMILIES), runner.family_of("batch/512/2", runner.QUICK_FAMILIES))


class Rounds(unittest.TestCase):
    """How the steps of two targets follow each other. What runs here takes no time and finds nothing."""

    class Nothing:
        name, zeroed, added = "nothing", False, False

    class Target:
        def __init__(self, name):
            self.name = name

    class Ended:
        """A process that measures twice."""

        def __init__(self, ran, name, seconds):
            self.ran, self.name, self.seconds, self.turns = ran, name, seconds, 0

        def turn(self):
            self.turns += 1
            self.ran.append((self.name, self.turns))
            return self.turns < 2

    class Made(runner.Measurement):
        """Notes its steps in a list, and pretends that each took some seconds."""

        def __init__(self, name, families, contenders, ran, seconds=0):
            self.ran, self.seconds = ran, seconds
            steps = [runner.Step(f, i, Rounds.Nothing, [f"{f}/64/1"]) for f in families for i in range(contenders)]
            super().__init__(Rounds.Target(name), steps)

        def start_step(self, step, options):
            self.ran.append((self.rounds, step.family, step.index, self.target.name))
            return Rounds.Ended(self.ran, self.target.name, self.seconds)

        def end_step(self, step, process):
            self.round_seconds += process.seconds

    class Still(runner.Progress):
        def __init__(self):
            super().__init__([], 1)

        def show(self, text):
            pass

        def done(self, step, seconds):
            pass

        def drop(self, steps):
            pass

    def test_targets_take_turns_within_a_family(self):
        ran = []
        made = [self.Made("linux", ("pair", "swap", "zeroed"), 2, ran), self.Made("windows", ("pair", "swap"), 1, ran)]
        runner.run_rounds(made, 2, [], self.Still())
        first = [("pair", 0, "linux"), ("pair", 0, "windows"), ("pair", 1, "linux"), ("swap", 0, "linux"), ("swap", 0, "windows"),
                 ("swap", 1, "linux"), ("zeroed", 0, "linux"), ("zeroed", 1, "linux")]
        started = [step for step in ran if len(step) == 4]
        self.assertEqual(started, [(0, *step) for step in first] + [(1, *step) for step in reversed(first)])

    def test_processes_of_a_family_measure_by_turns(self):
        ran = []
        made = [self.Made("linux", ("pair",), 1, ran), self.Made("windows", ("pair", "swap"), 1, ran)]
        runner.run_rounds(made, 1, [], self.Still())
        by_turns = [("linux", 1), ("windows", 1), ("linux", 2), ("windows", 2)]
        self.assertEqual(ran, [(0, "pair", 0, "linux"), (0, "pair", 0, "windows"), *by_turns, (0, "swap", 0, "windows"),
                               ("windows", 1), ("windows", 2)])

    def test_what_may_not_fit_into_memory_runs_alone(self):
        order = [(None, runner.Step("batch", i, self.Nothing, [row])) for i, row in enumerate(("pair/64/1", "batch/262144/8"))]
        self.assertEqual(len(runner.groups_of(order, 1 << 40)), 1)
        self.assertEqual([len(group) for group in runner.groups_of(order, 1 << 30)], [1, 1])
        self.assertEqual(runner.bytes_at_most("churn/64/1/live:10000000"), 640000000)

    def test_a_target_whose_round_does_not_fit_ends_and_the_other_goes_on(self):
        ran = []
        made = [self.Made("linux", ("pair",), 1, ran, 1), self.Made("windows", ("pair",), 1, ran, 1000)]
        runner.run_rounds(made, 3, [], self.Still(), time.monotonic() + 500)
        self.assertEqual([measurement.rounds for measurement in made], [3, 1])
        self.assertEqual(ran.count((0, "pair", 0, "windows")), 1)

    def test_one_round_is_run_even_if_nothing_fits(self):
        made = [self.Made("linux", ("pair",), 1, [], 1), self.Made("windows", ("pair",), 1, [], 1)]
        runner.run_rounds(made, 3, [], self.Still(), time.monotonic() - 1)
        self.assertEqual([measurement.rounds for measurement in made], [1, 1])


class Processes(unittest.TestCase):
    """A process that asks for turns: here a shell's."""

    class Script:
        """A target and a contender in one."""

        environment, program, preload, arguments = {}, "sh", "", []

        def __init__(self, script):
            self.command = ["/bin/sh", "-c", script]

    def start(self, script):
        made = self.Script(script)
        return process.Process(made, made, [])

    def test_it_measures_when_it_has_its_turn(self):
        asking = self.start("for i in 1 2; do echo remark >&2; echo turn >&2; read line; echo measured $i; done")
        self.assertTrue(asking.asks)
        self.assertEqual(os.fstat(asking.found.fileno()).st_size, 0)  # not before
        self.assertTrue(asking.turn())
        self.assertFalse(asking.turn())
        self.assertFalse(asking.turn())
        self.assertEqual(asking.output(), "measured 1\nmeasured 2\n")
        self.assertEqual(asking.errors, "remark\nremark\n")
        self.assertGreater(asking.seconds, 0)

    def test_what_it_says_of_its_failure_is_told(self):
        for script in ("echo no such library >&2; exit 3", "echo turn >&2; read line; echo no such library >&2; exit 3"):
            failing = self.start(script)
            while failing.turn():
                pass
            with self.assertRaisesRegex(process.Failure, "exit code 3: no such library"):
                failing.output()

    def test_one_has_ended_although_another_holds_its_stderr(self):
        leaving = self.start("exec 3>&2; (exec sleep 1000 <&- >&- 2>&3) & echo $! ; echo turn >&2; read line")
        self.assertFalse(leaving.turn())
        os.kill(int(leaving.output()), signal.SIGKILL)

    def test_one_that_is_stuck_is_ended(self):
        with unittest.mock.patch.object(process, "SILENT_SECONDS", 0):
            stuck = self.start("exec sleep 1000")
            self.assertFalse(stuck.turn())
            with self.assertRaisesRegex(process.Failure, "silent"):
                stuck.output()


class Figures(unittest.TestCase):
    def test_median_minimum_and_spread(self):
        figure = figures.Figure([4.0, 1.0, 7.0])
        self.assertEqual((figure.median, figure.minimum), (4.0, 1.0))
        self.assertAlmostEqual(figure.spread, (7 - 1) / 2 / 4)
        self.assertEqual(figures.Figure([3.0]).spread, 0)
        # From 5 runs on the extremes count no more.
        self.assertLess(figures.Figure([10.0, 10, 10, 10, 10, 10, 10, 10, 1000]).spread, 0.01)

    def test_runs_are_collected_by_metric_row_and_contender(self):
        runs = [run("pair/64/1", "perfpool", 5.0), run("pair/64/1", "perfpool", 7.0, 1), run("pair/64/1", "glibc", 9.0),
                run("pair/64/1", "glibc", 1.0, zeroed=True), run("pair/64/1", "glibc", 0.1, run_type="aggregate"),
                run("pair/64/1", "glibc", 0.2, error_occurred=True), run("latency/64/1", "glibc", 3.0, **{"free_p99.9": 80.0})]
        found = figures.collect(runs, False)
        self.assertEqual(found["real_time"]["pair/64/1"]["perfpool"].runs, [5.0, 7.0])
        self.assertEqual(found["real_time"]["pair/64/1"]["glibc"].runs, [9.0])
        self.assertEqual(found["free_p99.9"]["latency/64/1"]["glibc"].median, 80.0)
        self.assertEqual(figures.collect(runs, True)["real_time"]["pair/64/1"]["glibc"].runs, [1.0])

    def test_ratio_to_the_best_other_gross_and_net(self):
        row = {name: figures.Figure([time]) for name, time in (("perfpool", 6.0), ("glibc", 12.0), ("mimalloc", 8.0), ("harness", 4.0))}
        self.assertAlmostEqual(figures.ratio_to_best(row), 6 / 8)
        self.assertAlmostEqual(figures.ratio_to_best(row, net=True), 2 / 4)
        self.assertAlmostEqual(figures.ratio_to_best(row, excluded={"mimalloc"}), 6 / 12)
        self.assertIsNone(figures.ratio_to_best({"perfpool": row["perfpool"], "harness": row["harness"]}))
        self.assertIsNone(figures.ratio_to_best({"glibc": row["glibc"]}))
        row["perfpool"].runs += [4.0, 9.0]
        self.assertAlmostEqual(figures.ratio_of_minima(row), 4 / 8)
        self.assertAlmostEqual(figures.ratio_of_minima(row, excluded={"mimalloc"}), 4 / 12)
        self.assertIsNone(figures.ratio_of_minima({"glibc": row["glibc"]}))
        # Nothing is left of an other that takes no longer than the harness.
        self.assertIsNone(figures.ratio_to_best({**row, "mimalloc": figures.Figure([4.0])}, net=True))


class RankSum(unittest.TestCase):
    def test_ways_are_all_orders(self):
        self.assertEqual(figures.rank_sum_ways(2, 2), (1, 1, 2, 1, 1))
        self.assertEqual(sum(figures.rank_sum_ways(9, 9)), 48620)

    def test_probability_is_that_of_counting_all_orders(self):
        first, second = [1.0, 4.0, 6.0], [2.0, 3.0, 5.0, 7.0]
        values = sorted(first + second)

        def above(chosen):
            return sum(a > b for a in chosen for b in values if b not in chosen)

        def extremity(chosen):
            return min(above(chosen), 12 - above(chosen))

        orders = list(itertools.combinations(values, 3))
        expected = sum(extremity(order) <= extremity(first) for order in orders) / len(orders)
        self.assertAlmostEqual(figures.rank_sum_probability(first, second), expected)
        self.assertAlmostEqual(figures.rank_sum_probability(second, first), expected)

    def test_ends(self):
        self.assertEqual(figures.rank_sum_probability([1.0, 2.0], [1.0, 2.0]), 1.0)
        self.assertAlmostEqual(figures.rank_sum_probability([1.0, 2.0, 3.0], [4.0, 5.0, 6.0]), 0.1)
        self.assertAlmostEqual(figures.significance(3, 3), 0.1)
        self.assertAlmostEqual(figures.significance(9, 9), 0.02)


class Comparison(unittest.TestCase):
    OLD = [10.0, 10.1, 10.2, 10.3, 10.4, 10.5, 10.6, 10.7, 10.8]

    def changed(self, new):
        return compare.is_change(figures.Figure(self.OLD), figures.Figure(new))

    def test_noise_is_no_change(self):
        self.assertFalse(self.changed(self.OLD))
        self.assertFalse(self.changed([value * 1.02 for value in self.OLD]))
        self.assertFalse(self.changed([5.0, 20.0, 10.9, 10.0, 12.0, 9.0, 11.0, 11.5, 8.0]))

    def test_change_is_told(self):
        self.assertTrue(self.changed([value * 1.1 for value in self.OLD]))
        self.assertTrue(self.changed([value * 0.9 for value in self.OLD]))

    def test_table_names_what_changed_and_the_machine(self):
        old, new = [], []
        for number, time in enumerate(self.OLD):
            old += [run("pair/64/1", "perfpool", time, number), run("pair/64/1", "glibc", time, number),
                    run("batch/64/1", "perfpool", time, number)]
            new += [run("pair/64/1", "perfpool", time / 2, number), run("pair/64/1", "glibc", time * 1.5, number),
                    run("batch/64/1", "perfpool", time, number)]
        text = text_of(compare.print_comparison, "linux", report(old), report(new), tables.print_columns)
        self.assertRegex(text, r"pair/64/1 .* 0\.50 +better")
        self.assertNotIn("batch/64/1", text)
        self.assertIn("1 changed", text)
        self.assertIn("took 1.50 times", text)


class Verdicts(unittest.TestCase):
    def verdict(self, found, limit, at_least=False):
        return targets.Verdict("line", "row", limit, found, at_least).word

    def test_words(self):
        self.assertEqual(self.verdict(None, 1.0), "not measured")
        self.assertEqual(self.verdict(0.99, 1.0), "pass")
        self.assertEqual(self.verdict(1.03, 1.0), "pass (tie)")
        self.assertEqual(self.verdict(1.04, 1.0), "miss")
        self.assertEqual(self.verdict(0.66, 0.65), "miss")
        self.assertEqual(self.verdict(7.9, 8, True), "miss")
        self.assertEqual(self.verdict(8, 8, True), "pass")

    def test_judged_against_debians_only_and_both_targets(self):
        linux = report([run("handoff/64/2", "perfpool", 6.0), run("handoff/64/2", "glibc", 10.0),
                        run("handoff/64/2", "newest", 2.0, added=True),
                        run("memory-handoff/64/2", "perfpool", 1.0, peak_ratio=1.2),
                        run("latency/64/1", "perfpool", 1.0, **{"allocate_p99.9": 90.0, "free_p99.9": 50.0}),
                        run("latency/64/1", "glibc", 1.0, **{"allocate_p99.9": 60.0, "free_p99.9": 60.0})])
        windows = report([run("handoff/64/2", "perfpool", 9.0), run("handoff/64/2", "process heap", 99.0)], "windows")
        found = {(v.line, v.row): (round(v.found, 3), v.word) for v in targets.judge({"linux": linux, "windows": windows}) if v.found}
        self.assertEqual(found.pop(("handoff 64 B", "handoff/64/2")), (0.6, "pass"))
        self.assertEqual(found.pop(("peak resident by peak live, sizes multiples of 64", "memory-handoff/64/2")), (1.2, "miss"))
        self.assertEqual(found.pop(("p99.9 of one call, allocate", "latency/64/1")), (1.5, "miss"))
        self.assertEqual(found.pop(("p99.9 of one call, free", "latency/64/1")), (0.833, "pass"))
        self.assertEqual(found.pop(("Wine: handoff, times the process heap", "handoff/64/2")), (11.0, "pass"))
        self.assertEqual(found.pop(("Wine: handoff, by our own Linux figure", "handoff/64/2")), (1.5, "miss"))
        self.assertEqual(found, {})


EXAMPLE = [run(row, contender, time * factor, number, **more)
           for number in range(3)
           for contender, factor in (("perfpool", 1.0), ("glibc", 2.5), ("mimalloc", 1.5), ("harness", 0.4))
           for row, time, more in (("pair/64/1", 5.0, {}), ("pair/1024/1", 9.0, {}), ("pair/64/2", 6.0, {}), ("pair/64/8", 30.0, {}),
                                   ("churn/512/1/live:1000", 9.0, {}), ("churn/512/1/live:10000", 12.0, {}),
                                   ("churn/512/1/live:100000", 30.0, {}), ("batch/64/1", 8.0, {}), ("churn/512/2", 20.0, {}),
                                   ("handoff/64/2", 10.0, {}), ("handoff/256/2", 11.0, {}), ("handoff/1024/2", 20.0, {}),
                                   ("swap/64/2", 20.0, {}), ("latency/64/1", 100.0, {name: 30.0 for name in figures.LATENCIES}),
                                   ("memory-churn/512/1", 1e8, {name: 2.0 for name in figures.MEMORY}))]


class Output(unittest.TestCase):
    def test_tables_have_every_row_losing_ones_too(self):
        text = text_of(tables.print_report, report(EXAMPLE, oversubscribed=["pair/64/8"]))
        for row in {entry["name"] for entry in EXAMPLE}:
            self.assertIn(row, text)
        self.assertRegex(text, r"pair/64/8 \*")
        self.assertRegex(text, r"pair/64/1 +5\.0 ±0%.* 0\.67 .* 0\.40")

    def test_colours_become_variables(self):
        palette = charts.Palette(["perfpool", "newest"])
        stand_in = palette.stand_in("newest")
        number = int(re.search("#01(....)", stand_in)[1], 16)
        self.assertEqual(palette.replace(f"fill=rgb(  1, {number // 256}, {number % 256})"), "fill=var(--newest)")
        self.assertEqual(palette.replace(stand_in), "rgb 'var(--newest)'")
        self.assertEqual(palette.replace("rgb(200, 0, 1)"), "rgb(200, 0, 1)")
        self.assertIn("--newest:", palette.css())

    def test_page_is_whole_and_needs_no_network(self):
        text = page.page({"linux": report(EXAMPLE)})
        self.assertGreater(text.count("<svg"), 8)
        self.assertNotRegex(text, r"(src|href)=.http|@import|url\(")
        self.assertIn("prefers-color-scheme:dark", text)
        self.assertNotRegex(text, r"rgb\(\s*1,")
        for svg in re.findall(r"<svg.*?</svg>", text, re.DOTALL):
            xml.etree.ElementTree.fromstring(svg)
        self.assertIn("lines of 64 bytes live", text)

    def test_picture_is_a_file_of_its_own(self):
        drawn = panels.picture(charts.Palette(()), report(EXAMPLE))
        root = xml.etree.ElementTree.fromstring(drawn)
        self.assertTrue(root.tag.endswith("svg"))
        self.assertIn("harness", drawn)
        self.assertIsNone(panels.picture(charts.Palette(()), report(EXAMPLE[:2])))


class Scaling(unittest.TestCase):
    """The model of docs/scaling.md."""

    CONSTANTS, LOCAL, HARNESS = scaling.Constants(100.0, 160.0), scaling.Local(3.0, 5.0, 8.0), {1: 9.0, 2: 7.0}

    def predict(self, pattern, cores, blocks=scaling.BLOCKS):
        return scaling.predict(pattern, cores, self.CONSTANTS, self.LOCAL, self.HARNESS, blocks)

    def test_full_magazines_move_eight_lines_each_way(self):
        self.assertEqual(scaling.lines_of(124), 8)
        self.assertEqual(scaling.lines_of(1), 1)
        self.assertAlmostEqual(scaling.lines_per_remote_free(124) * 124, 18.125)
        self.assertAlmostEqual(scaling.atomics_per_remote_free(124) * 124, 2.125)

    def test_one_core_has_nothing_to_move(self):
        self.assertAlmostEqual(self.predict("handoff", 1), 9 + 5)
        self.assertAlmostEqual(self.predict("swap", 1), 9 + 2 * 8)  # two threads share the core
        self.assertAlmostEqual(self.predict("burst", 1), 9 + 10)

    def test_two_cores_share_the_work_and_pay_for_the_way(self):
        # Half of the local work, the lines and the word for 124 blocks; queueing adds a little.
        least = 7 + 2.5 + (160 + 100 * (1 + 1 / 16)) / 124
        self.assertTrue(least < self.predict("handoff", 2) < least * 1.05)

    def test_swap_costs_more_the_more_blocks_are_of_others(self):
        # Half of the frees cost 8 - 3 more than those alone; of 64 threads nearly all do.
        self.assertAlmostEqual(scaling.swap_time(self.LOCAL, 2), 8)
        self.assertAlmostEqual(scaling.swap_time(self.LOCAL, 64), 3 + 63 / 64 * 10)

    def test_full_outboxes_up_to_64_owners_and_displaced_ones_beyond(self):
        self.assertGreater(scaling.blocks_per_magazine(1), 123)
        self.assertGreater(scaling.blocks_per_magazine(63), 110)
        self.assertLess(scaling.blocks_per_magazine(255), 3)

    def test_a_word_that_is_always_busy_bounds_the_rate(self):
        # 4096 pairs on one pile: each operation needs its share of the pile's time.
        bound = 4096 * 2 * 100 / 124 / 16
        self.assertGreater(self.predict("handoff", 8192), bound)
        self.assertLess(self.predict("handoff", 64), 1.2 * self.predict("handoff", 2))


if __name__ == "__main__":
    unittest.main()
