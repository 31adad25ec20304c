"""One process of perfpool-bench, which measures when it has its turn."""

import os
import select
import subprocess
import tempfile
import time

SILENT_SECONDS = 600  # a process that asks for nothing for so long is stuck
LOOK_SECONDS = 0.1  # between looks whether a silent process has ended
ASKS = "turn"  # its line on stderr when it wants to measure: see bench/turns.h


class Failure(Exception):
    """A process of the benchmark failed."""


def command_of(target, contender, arguments):
    environment = {**os.environ, **target.environment}
    if contender.preload:
        environment["LD_PRELOAD"] = contender.preload
    return target.command + [str(target.program)] + contender.arguments + arguments, environment


def output_of(target, contender, arguments):
    """Runs perfpool-bench to its end. Its standard output and standard error."""
    command, environment = command_of(target, contender, arguments)
    try:
        done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=SILENT_SECONDS, check=False)
    except (OSError, subprocess.SubprocessError) as error:
        raise Failure(str(error)) from error
    if done.returncode != 0:
        raise Failure(f"exit code {done.returncode}: {done.stderr.strip()[-400:]}")
    return done.stdout, done.stderr


class Process:
    """Starts and goes on until it asks for its first turn. `seconds` is the time that it had, its start and its turns."""

    def __init__(self, target, contender, arguments):
        command, environment = command_of(target, contender, arguments)
        self.found = tempfile.TemporaryFile()  # pylint: disable=consider-using-with  # a pipe might fill up
        self.errors, self.pending = "", b""
        self.seconds = 0.0
        self.problem = None
        try:
            self.process = subprocess.Popen(  # pylint: disable=consider-using-with  # ended by output()
                command, env=environment, stdin=subprocess.PIPE, stdout=self.found, stderr=subprocess.PIPE)
        except OSError as error:
            raise Failure(str(error)) from error
        self.asks = self.listen()

    def listen(self):
        """Waits until the process asks for a turn: True; or has ended, or is stuck: False."""
        begin = time.monotonic()
        try:
            return self.next_line_that_asks(begin + SILENT_SECONDS)
        finally:
            self.seconds += time.monotonic() - begin

    def next_line_that_asks(self, deadline):
        stream = self.process.stderr.fileno()
        while True:
            line, end, rest = self.pending.partition(b"\n")
            if end:
                self.pending = rest
                text = line.decode(errors="replace").rstrip("\r")
                if text == ASKS:
                    return True
                self.errors += text + "\n"
                continue
            if not select.select([stream], [], [], min(LOOK_SECONDS, max(0, deadline - time.monotonic())))[0]:
                if self.process.poll() is not None:
                    return False  # although somebody that it has started, as Wine's server, holds its stderr open
                if time.monotonic() >= deadline:
                    self.problem = f"silent for {SILENT_SECONDS} s"
                    self.process.kill()
                    return False
                continue
            data = os.read(stream, 65536)
            if not data:
                self.errors += self.pending.decode(errors="replace")
                return False
            self.pending += data

    def turn(self):
        """Lets the process measure once. Whether it asks for another turn."""
        if self.asks:
            try:
                self.process.stdin.write(b"\n")
                self.process.stdin.flush()
            except OSError:  # it has ended
                pass
            self.asks = self.listen()
        return self.asks

    def output(self):
        """Its standard output, after its end."""
        try:
            self.process.stdin.close()
        except OSError:  # what it did not read, for it has ended
            pass
        code = self.process.wait()
        self.process.stderr.close()
        with self.found:
            self.found.seek(0)
            text = self.found.read().decode(errors="replace")
        if self.problem or code != 0:
            raise Failure(self.problem or f"exit code {code}: {self.errors.strip()[-400:]}")
        return text
