"""Runs perfpool-bench: the plan of a round, the rounds, and the line that tells how far it is."""

import json
import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass

from report.figures import parse_row

PROCESS_SECONDS = 600  # a process that takes longer is stuck

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


class Failure(Exception):
    """A process of the benchmark failed."""


def start(target, contender, arguments):
    """Runs perfpool-bench to its end. Its standard output and standard error."""
    environment = {**os.environ, **target.environment}
    if contender.preload:
        environment["LD_PRELOAD"] = contender.preload
    command = target.command + [str(target.program)] + contender.arguments + arguments
    try:
        done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=PROCESS_SECONDS, check=False)
    except (OSError, subprocess.SubprocessError) as error:
        raise Failure(str(error)) from error
    if done.returncode != 0:
        raise Failure(f"exit code {done.returncode}: {done.stderr.strip()[-400:]}")
    return done.stdout, done.stderr


def family_of(row, all_families=FAMILIES):
    workload = row.split("/", 1)[0]
    if workload.startswith("memory-"):
        return row
    return next((family for family in all_families if workload in family), workload)


def plan(target, wanted, all_families=FAMILIES):
    """The steps of one round, family by family of workloads, and what is left out for want of memory."""
    rows, left_out = {}, {}
    for index, contender in enumerate(target.contenders):
        listed, remarks = start(target, contender, ["--list"])
        rows[index] = [row for row in listed.split() if wanted(row)]
        left_out.update(dict.fromkeys(line for line in remarks.splitlines() if line.startswith("left out: ")))
    families = list(dict.fromkeys(family_of(row, all_families) for found in rows.values() for row in found))
    steps = []
    for family in families:
        for index, contender in enumerate(target.contenders):
            chosen = [row for row in rows[index] if family_of(row, all_families) == family]
            if chosen:
                steps.append(Step(family, index, contender, chosen))
    return steps, list(left_out)


class Progress:
    """One line on stderr that tells what runs and how long is left; without a terminal, a line now and then."""

    def __init__(self, steps, rounds):
        self.seconds = dict.fromkeys(steps)  # what each step took when it ran last
        self.left = {step: rounds for step in steps}
        self.begin = self.last = time.monotonic()
        self.terminal = sys.stderr.isatty()

    def seconds_left(self):
        """Steps that have not run are taken for average ones."""
        known = [seconds for seconds in self.seconds.values() if seconds is not None]
        if not known:
            return None
        average = sum(known) / len(known)
        return sum(left * (self.seconds[step] or average) for step, left in self.left.items())

    def show(self, text):
        now = time.monotonic()
        left = self.seconds_left()
        line = f"{text}: {'' if left is None else f'about {left / 60:.0f} min ' if left > 120 else f'about {left:.0f} s '}"
        line += "left" if left is not None else "begins"
        if self.terminal:
            print(f"\r{line[:118]:<118}", end="", file=sys.stderr, flush=True)
        elif now - self.last > 10 or left is None:
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


def measure_step(target, contender, rows, options):
    """One process. Google Benchmark's context and its runs."""
    chosen = "|".join(re.escape(row).replace("\\-", "-") for row in rows)
    output, _ = start(target, contender, options + [f"--benchmark_filter=^({chosen})$"])
    try:
        report = json.loads(output)
    except ValueError as error:
        raise Failure(f"no JSON: {error}") from error
    check_preload(contender, report["context"])
    return report["context"], report["benchmarks"]


class Measurement:
    """All rounds of a target's plan, and what they gave."""

    def __init__(self, target, steps):
        self.target, self.steps = target, steps
        self.runs, self.context, self.failures = [], {}, []
        self.rounds = 0
        self.round_seconds = 0  # what the last one took

    def keys(self):
        return [(self.target.name, number) for number in range(len(self.steps))]

    def run_step(self, step, options, progress):
        kind = " (zeroed)" if step.contender.zeroed else ""
        progress.show(f"{self.target.name}, round {self.rounds + 1}: {step.rows[0].split('/')[0]}, {step.contender.name}{kind}")
        begin = time.monotonic()
        try:
            self.context, runs = measure_step(self.target, step.contender, step.rows, options)
            self.runs += [self.entry(run, step.contender) for run in runs]
        except Failure as error:
            self.failures.append(f"{self.target.name}, {step.contender.name}{kind}, {step.rows[0]}: {error}")
        seconds = time.monotonic() - begin
        self.round_seconds += seconds
        progress.done((self.target.name, self.steps.index(step)), seconds)

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
        for measurement, step in round_order(running, number):
            measurement.run_step(step, options, progress)
        for measurement in running:
            measurement.rounds += 1
        measurements = running
