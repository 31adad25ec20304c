"""Runs perfpool-bench: the plan of a round, the rounds, and the line that tells how far it is."""

import json
import os
import re
import subprocess
import sys
import time

from report.figures import parse_row

PROCESS_SECONDS = 600  # a process that takes longer is stuck

# Workloads that share a process; any other has one of its own. What resident memory is asked of has one for each row.
LATENCY = ("latency", "latency-drain", "latency-start", "latency-class")
FAMILIES = (("pair", "batch"), ("counters", "counters-apart"), ("perflib", "instances"), LATENCY)

# In the quick suite more of them do: under Wine the start of a process takes longer than its rows.
QUICK_FAMILIES = (("pair", "batch", "churn", "large", "heaps", "zeroed"),
                  ("handoff", "swap", "exchange", "burst", "spawn", "counters", "counters-apart", "perflib", "instances"), LATENCY)


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
    """The processes of one round, (contender, rows), family by family of workloads, and what is left out for want of memory."""
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
                steps.append((contender, chosen))
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

    def keys(self):
        return [(self.target.name, index) for index in range(len(self.steps))]

    def run_round(self, options, progress):
        """Every other round goes the other way, so that no contender always follows the same one."""
        order = list(enumerate(self.steps))
        for index, (contender, rows) in order if self.rounds % 2 == 0 else reversed(order):
            kind = " (zeroed)" if contender.zeroed else ""
            progress.show(f"{self.target.name}, round {self.rounds + 1}: {rows[0].split('/')[0]}, {contender.name}{kind}")
            begin = time.monotonic()
            try:
                self.context, runs = measure_step(self.target, contender, rows, options)
                self.runs += [self.entry(run, contender) for run in runs]
            except Failure as error:
                self.failures.append(f"{self.target.name}, {contender.name}{kind}, {rows[0]}: {error}")
            progress.done((self.target.name, index), time.monotonic() - begin)
        self.rounds += 1

    def entry(self, run, contender):
        """A run as it goes into the JSON."""
        row = parse_row(run["run_name"])
        return {**run, "workload": row.workload, "size": row.size, "row_threads": row.threads, "live": row.live, "heaps": row.heaps,
                "contender": contender.name, "zeroed": contender.zeroed, "added": contender.added, "round": self.rounds}

    def run(self, rounds, options, progress, budget=None):
        """Fewer rounds than `rounds`, but at least one, if another would not fit into `budget` seconds."""
        begin = time.monotonic()
        for number in range(rounds):
            before = time.monotonic()
            if budget and number > 0 and before - begin + (before - begin) / number > budget:
                progress.drop(self.keys())
                break
            self.run_round(options, progress)
