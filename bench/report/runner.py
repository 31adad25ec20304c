"""Runs perfpool-bench: the plan of a round, the rounds, and the line that tells how far it is."""

import itertools
import json
import os
import re
import sys
import time
from dataclasses import dataclass

from report.figures import parse_row
from report.process import Failure, Process, output_of

MANY_PROCESSES = 32  # more than both targets' contenders, with cleared blocks and without

# Workloads that share a process; any other has one of its own. What resident memory is asked of has one for each row.
LATENCY = ("latency", "latency-drain", "latency-start", "latency-class")
FAMILIES = (("pair", "batch"), ("counters", "counters-apart"), ("perflib", "instances"), LATENCY)

# In the quick suite more of them do: under Wine the start of a process takes longer than its rows.
QUICK_FAMILIES = (("pair", "batch", "churn", "large", "heaps", "zeroed"),
                  ("handoff", "swap", "exchange", "burst", "spawn", "counters", "counters-apart", "perflib", "instances"), LATENCY)


@dataclass
class Step:
    """A process of a round: which rows of a family of workloads it measures, with which of the target's contenders."""

    family: object
    index: int
    contender: object
    rows: list


def family_of(row, all_families=FAMILIES):
    workload = row.split("/", 1)[0]
    if workload.startswith("memory-"):
        return row
    return next((family for family in all_families if workload in family), workload)


def bytes_at_most(row):
    """What a row's blocks may take in one process, roughly: workloads keep 256 MiB a thread at most unless the row says so."""
    row = parse_row(row)
    return max(row.live * 64, row.threads * min(20000 * row.size, 256 << 20))


def memory_to_use():
    """Half of the machine's."""
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2


def plan(target, wanted, all_families=FAMILIES):
    """The steps of one round, family by family of workloads, and what is left out for want of memory."""
    rows, left_out = {}, {}
    for index, contender in enumerate(target.contenders):
        listed, remarks = output_of(target, contender, ["--list"])
        rows[index] = [row for row in listed.split() if wanted(row)]
        left_out.update(dict.fromkeys(line for line in remarks.splitlines() if line.startswith("left out: ")))

    def family_by_memory(row):
        """What takes much memory is a family of its own, or all of its family could not measure by turns."""
        return family_of(row, all_families), bytes_at_most(row) > memory_to_use() // MANY_PROCESSES

    families = list(dict.fromkeys(family_by_memory(row) for found in rows.values() for row in found))
    steps = []
    for family in families:
        for index, contender in enumerate(target.contenders):
            chosen = [row for row in rows[index] if family_by_memory(row) == family]
            if chosen:
                steps.append(Step(family, index, contender, chosen))
    return steps, list(left_out)


class Progress:
    """One line on stderr that tells what runs and how long is left; without a terminal, a line now and then."""

    def __init__(self, steps, rounds):
        self.seconds = dict.fromkeys(steps)  # what each step took when it ran last
        self.left = {step: rounds for step in steps}
        self.last = float("-inf")
        self.text, self.shown = None, 0
        self.terminal = sys.stderr.isatty()

    def seconds_left(self):
        """Steps that have not run are taken for average ones."""
        known = [seconds for seconds in self.seconds.values() if seconds is not None]
        if not known:
            return None
        average = sum(known) / len(known)
        return sum(left * (self.seconds[step] or average) for step, left in self.left.items())

    def show_again(self):
        if self.text and time.monotonic() - self.shown > 1:
            self.show(self.text)

    def show(self, text):
        self.text, self.shown = text, time.monotonic()
        now = time.monotonic()
        left = self.seconds_left()
        line = f"{text}: {'' if left is None else f'about {left / 60:.0f} min ' if left > 120 else f'about {left:.0f} s '}"
        line += "left" if left is not None else "begins"
        if self.terminal:
            print(f"\r{line[:118]:<118}", end="", file=sys.stderr, flush=True)
        elif now - self.last > 10:
            print(line, file=sys.stderr, flush=True)
            self.last = now

    def done(self, step, seconds):
        self.seconds[step] = seconds
        self.left[step] -= 1

    def drop(self, steps):
        for step in steps:
            self.left[step] = 0

    def end(self):
        if self.terminal:
            print(f"\r{'':<118}\r", end="", file=sys.stderr, flush=True)


def check_preload(contender, context):
    """A preloaded allocator must really be the process's malloc."""
    origin = context.get("contender_functions_from", "")
    if contender.preload and contender.preload not in origin:
        raise Failure(f"malloc comes from {origin}, not from {contender.preload}")


def groups_of(order, memory):
    """The steps of a family in groups that measure by turns: all, or each by itself where they might not fit into memory."""
    needed = sum(max(map(bytes_at_most, step.rows)) for _, step in order)
    return [order] if needed <= memory else [[pair] for pair in order]


class Measurement:
    """All rounds of a target's plan, and what they gave."""

    def __init__(self, target, steps):
        self.target, self.steps = target, steps
        self.runs, self.context, self.failures = [], {}, []
        self.rounds = 0
        self.round_seconds = 0  # what the last one took

    def keys(self):
        return [(self.target.name, number) for number in range(len(self.steps))]

    def title(self, step):
        return f"{self.target.name}, {step.contender.name}{' (zeroed)' if step.contender.zeroed else ''}, {step.rows[0]}"

    def start_step(self, step, options):
        """A process that has asked for its first turn, or None."""
        chosen = "|".join(re.escape(row).replace("\\-", "-") for row in step.rows)
        try:
            return Process(self.target, step.contender, [*options, "--turns", f"--benchmark_filter=^({chosen})$"])
        except Failure as error:
            self.failures.append(f"{self.title(step)}: {error}")
            return None

    def end_step(self, step, process):
        """Takes what the process found."""
        self.round_seconds += process.seconds
        try:
            report = json.loads(process.output())
            check_preload(step.contender, report["context"])
            self.context = report["context"]
            self.runs += [self.entry(run, step.contender) for run in report["benchmarks"]]
        except Failure as error:
            self.failures.append(f"{self.title(step)}: {error}")
        except (ValueError, KeyError) as error:
            self.failures.append(f"{self.title(step)}: no JSON: {error!r}")

    def entry(self, run, contender):
        """A run as it goes into the JSON."""
        row = parse_row(run["run_name"])
        return {**run, "workload": row.workload, "size": row.size, "row_threads": row.threads, "live": row.live, "heaps": row.heaps,
                "contender": contender.name, "zeroed": contender.zeroed, "added": contender.added, "round": self.rounds}


def round_order(measurements, number):
    """The steps of a round of several targets, (measurement, step): family by family, and in it a contender of each target in turn,
    so that what two targets compare with each other is not measured at different times. Every other round goes the other way, so
    that no contender always follows the same one."""
    families = list(dict.fromkeys(step.family for measurement in measurements for step in measurement.steps))
    order = [(measurement, step) for measurement in measurements for step in measurement.steps]
    order.sort(key=lambda pair: (families.index(pair[1].family), pair[1].index))
    return order if number % 2 == 0 else order[::-1]


def take_turns(group, options, progress):
    """Starts a process for each step of the group and lets them measure by turns, one measurement of a row at a time, until all have
    ended."""
    running = []
    for measurement, step in group:
        process = measurement.start_step(step, options)
        if process is not None:
            running.append((measurement, step, process))
    for measurement, step in group[:1]:
        progress.show(f"round {measurement.rounds + 1}: {step.rows[0].split('/')[0]}, {len(group)} contenders by turns")
    active = list(running)
    while active:
        active = [entry for entry in active if entry[2].turn()]
        progress.show_again()
    for measurement, step, process in running:
        measurement.end_step(step, process)
        progress.done((measurement.target.name, measurement.steps.index(step)), process.seconds)


def run_round(measurements, number, options, progress):
    for _, steps in itertools.groupby(round_order(measurements, number), lambda pair: pair[1].family):
        for group in groups_of(list(steps), memory_to_use()):
            take_turns(group, options, progress)


def run_rounds(measurements, rounds, options, progress, deadline=None):
    """Fewer rounds of a target than `rounds`, but at least one, if another would not end before the deadline."""
    for number in range(rounds):
        left = deadline - time.monotonic() if deadline else None
        running = []
        for measurement in measurements:
            if number == 0 or left is None or measurement.round_seconds <= left:
                running.append(measurement)
                left = left - measurement.round_seconds if left is not None else None
            else:
                progress.drop(measurement.keys())
        for measurement in running:
            measurement.round_seconds = 0
        run_round(running, number, options, progress)
        for measurement in running:
            measurement.rounds += 1
        measurements = running
