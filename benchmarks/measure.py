"""What a command costs: wall time, CPU time and memory of it and of every process it starts.

CPU time is exact: this process is made the reaper of all that its commands leave behind (Linux:
``prctl(2)``, ``PR_SET_CHILD_SUBREAPER``), so that the kernel's own figure of each process, waited
for by its parent or not, ends here. Memory is sampled, which takes time in the kernel from what is
sampled: measure time in another run.
"""

import contextlib
import ctypes
import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

_PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h


@dataclass(frozen=True, slots=True)
class Usage:
    """What a command took: `wall` until it ended, `cpu` of all its processes, both in seconds.

    `memory` holds the seconds since the start and the bytes of each sample, `said` the seconds of
    each line that it wrote to stderr.
    """

    wall: float
    cpu: float
    out: str
    said: list[tuple[float, str]] = field(default_factory=list)
    memory: list[tuple[float, int]] = field(default_factory=list)

    @property
    def peak(self) -> int:
        """The most bytes that a sample saw."""
        return max((size for _, size in self.memory), default=0)


class CommandError(Exception):
    """A command that was to be measured failed."""


def run(command: Sequence[str], cwd: Path, sample_every: float = 0) -> Usage:
    """Run a command to its end; sample its memory so often, in seconds, if that is not 0.

    What Python compiles is kept below `cwd`, as it is kept beside the sources by itself: only a
    first run compiles.

    Raises:
        CommandError: It did not end with status 0.
    """
    _adopt_orphans()
    os.sync()  # what others left to be written does not count here
    began = time.perf_counter()
    process = subprocess.Popen(
        command,
        cwd=cwd,
        env=_environment(cwd / "pycache"),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    out: list[tuple[float, str]] = []
    said: list[tuple[float, str]] = []
    memory: list[tuple[float, int]] = []
    assert process.stdout
    assert process.stderr
    threads = [
        threading.Thread(target=_read, args=(process.stdout, began, out)),
        threading.Thread(target=_read, args=(process.stderr, began, said)),
    ]
    if sample_every:
        arguments = (process.pid, began, sample_every, memory)
        threads.append(threading.Thread(target=_sample, args=arguments))
    for thread in threads:
        thread.start()
    wall, cpu = _wait(process, began)
    for thread in threads:
        thread.join()
    if process.returncode:
        lines = "\n".join(line for _, line in [*out, *said][-20:])
        message = f"{' '.join(command)} ended with status {process.returncode}:\n{lines}"
        raise CommandError(message)
    return Usage(wall, cpu, "\n".join(line for _, line in out), said, memory)


def stages(used: Usage) -> list[dict[str, Any]]:
    """The lines that a build prints, each at the end of its stage; warnings end none."""
    found = []
    began = 0.0
    for ended, line in [*used.said, (used.wall, "end: cleanup, processes exit")]:
        name, colon, what = line.partition(": ")
        if colon and name.isidentifier():
            sizes = [size for at, size in used.memory if began <= at <= ended]
            stage = {"name": name, "what": what, "began": began, "ended": ended}
            found.append(stage | {"peak": max(sizes, default=0)})
            began = ended
    return found


def _environment(compiled: Path) -> dict[str, str]:
    environment = os.environ | {"PYTHONPYCACHEPREFIX": str(compiled)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    return environment


def _adopt_orphans() -> None:
    """Become the parent of processes that descendants leave behind, and forget earlier ones."""
    if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _wait(process: subprocess.Popen[str], began: float) -> tuple[float, float]:
    """Wall time of a process, and CPU time of it and of all that descends from it."""
    wall = cpu = 0.0
    try:
        while True:
            pid, status, used = os.wait4(-1, 0)
            cpu += used.ru_utime + used.ru_stime
            if pid == process.pid:
                wall = time.perf_counter() - began
                process.returncode = os.waitstatus_to_exitcode(status)
    except ChildProcessError:
        return wall, cpu  # none is left
    except BaseException:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        raise


def _read(stream: IO[str], began: float, lines: list[tuple[float, str]]) -> None:
    with stream:
        for line in stream:
            lines.append((time.perf_counter() - began, line.rstrip("\n")))


def _sample(session: int, began: float, every: float, memory: list[tuple[float, int]]) -> None:
    """Note the memory of all processes of a session until there is none."""
    while pids := list(_members(session)):
        now = time.perf_counter()
        memory.append((now - began, sum(map(_proportional_set_size, pids))))
        time.sleep(max(0.0, every - (time.perf_counter() - now)))


def _members(session: int) -> Iterator[int]:
    """The processes of a session (proc(5), /proc/pid/stat, fields 3 and 6) that are no zombies."""
    for entry in os.scandir("/proc"):
        if not entry.name.isdigit():
            continue
        try:
            stat = Path(entry.path, "stat").read_text()
        except (FileNotFoundError, ProcessLookupError):
            continue
        state, _, _, member_of = stat.rpartition(")")[2].split()[:4]
        if int(member_of) == session and state != "Z":
            yield int(entry.name)


def _proportional_set_size(pid: int) -> int:
    """The bytes of a process, pages shared with others counted in part."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), 0)
