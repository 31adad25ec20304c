"""Who is measured on which target, and what is known about the machine."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Contender:
    """One allocator on one target."""

    name: str
    adapter: str  # what perfpool-bench calls it
    preload: str = ""  # library that replaces malloc in the process
    package: str = ""  # Debian's package, for its version
    zeroed: bool = False  # measured with cleared blocks, against others that clear theirs
    file: Path = None  # what must be there, if it is not Debian's
    added: bool = False  # by --contender: not among those that the targets of the speed compare with
    arguments: list = field(default_factory=list)


@dataclass
class Target:
    """A build of the benchmark and what it is measured against; `default` is the heap that PERFLIB would use."""

    name: str
    program: Path
    library: Path
    default: str
    contenders: list
    command: list = field(default_factory=list)
    environment: dict = field(default_factory=dict)


def linux_target(build):
    preloaded = [
        ("glibc", "", "libc6"),
        ("mimalloc", "libmimalloc.so.2", "libmimalloc2.0"),
        ("jemalloc", "libjemalloc.so.2", "libjemalloc2"),
        ("tcmalloc", "libtcmalloc_minimal.so.4", "libtcmalloc-minimal4"),
    ]
    onetbb = "onetbb=libtbbmalloc.so.2:scalable_{},scalable_free"
    contenders = [Contender("perfpool", "perfpool")]
    contenders += [Contender(name, "malloc", preload, package) for name, preload, package in preloaded]
    contenders += [Contender("onetbb", onetbb.format("malloc"), package="libtbbmalloc2"), Contender("harness", "null")]
    contenders += [Contender("perfpool", "perfpool-zeroed", zeroed=True)]
    contenders += [Contender(name, "calloc", preload, package, zeroed=True) for name, preload, package in preloaded]
    contenders += [Contender("onetbb", onetbb.format("calloc"), package="libtbbmalloc2", zeroed=True)]
    return Target("linux", build / "linux/bench/perfpool-bench", build / "linux/libperfpool.so", "glibc", contenders)


def windows_path(path):
    return "Z:" + str(path).replace("/", "\\")


def windows_target(build):
    wine = os.environ.get("WINELOADER") or shutil.which("wine64") or "/usr/lib/wine/wine64"
    mimalloc = build / "deps/mimalloc-windows/mimalloc.dll"
    contenders = []
    for zeroed in (False, True):
        suffix = "-zeroed" if zeroed else ""
        contenders += [
            Contender("perfpool", "perfpool" + suffix, zeroed=zeroed),
            Contender("process heap", "process-heap" + suffix, package="libwine", zeroed=zeroed),
            Contender("private heap", "private-heap" + suffix, package="libwine", zeroed=zeroed),
            Contender("msvcrt", "calloc" if zeroed else "malloc", package="libwine", zeroed=zeroed),
            Contender("mimalloc", f"mimalloc={windows_path(mimalloc)}:{'mi_zalloc' if zeroed else 'mi_malloc'},mi_free",
                      zeroed=zeroed, file=mimalloc),
        ]
    contenders.insert(5, Contender("harness", "null"))
    environment = {"WINEPREFIX": os.environ.get("WINEPREFIX", str(build / "wine")), "WINEDEBUG": "-all"}
    return Target("windows", build / "windows/bench/perfpool-bench.exe", build / "windows/perfpool.dll", "process heap", contenders,
                  [wine], environment)


def package_version(package):
    done = subprocess.run(["dpkg-query", "-W", "-f=${Version}", package], capture_output=True, text=True, check=False)
    return done.stdout if done.returncode == 0 and done.stdout else "version unknown"


def versions(target):
    """Name and version of each contender that has one, as sentences' parts."""
    found = {}
    for contender in target.contenders:
        if contender.package:
            found.setdefault(contender.package, []).append(contender.name)
        elif contender.file and contender.file.exists():
            version = contender.file.with_name("version")
            known = version.read_text(encoding="utf-8").strip() if version.exists() else "version unknown"
            found.setdefault(f"{known} (Debian's source, cross-built)", []).append(contender.name)
    texts = []
    for package, names in found.items():
        names = ", ".join(dict.fromkeys(names))
        texts.append(f"{names} {package}" if " " in package else f"{names} {package_version(package)} ({package})")
    return texts


def processor():
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        text = ""
    match = re.search(r"^model name\s*:\s*(.*)$", text, re.MULTILINE)
    return match[1] if match else "unknown processor"


def system():
    """The kernel and the memory, for the report."""
    try:
        kilobytes = int(re.search(r"^MemTotal:\s*(\d+)", Path("/proc/meminfo").read_text(encoding="utf-8"), re.MULTILINE)[1])
    except (OSError, TypeError):
        kilobytes = 0
    return f"{os.uname().sysname} {os.uname().release}, {kilobytes / 1048576:.0f} GiB of memory"
