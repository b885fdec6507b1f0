"""The errors that Pressroom raises on purpose, and the exit status that each gives.

::

    PipelineError            everything raised on purpose             exit status 1
    ├── SettingsError        settings or arguments are wrong          exit status 2
    ├── ConflictError        another run published in the meantime    exit status 1
    ├── WorkerError          a worker ended unexpectedly              exit status 1
    ├── StorageError         object storage refused                   exit status 1
    ├── CancelledError       SIGTERM cancelled the run                exit status 143
    ├── AuditError           a blocking check held the release back   exit status 3
    └── DocumentError        one file is unreadable: it becomes a row of rejects (`problems`)
"""

import signal
from typing import ClassVar


class PipelineError(Exception):
    """Something that Pressroom raises on purpose; its text is meant for people."""

    exit_status: ClassVar[int] = 1


class SettingsError(PipelineError):
    """The settings or the arguments are wrong; nothing was run."""

    exit_status = 2


class ConflictError(PipelineError):
    """Another run published between this run's beginning and its end."""


class WorkerError(PipelineError):
    """A worker process or the scheduler ended unexpectedly; the same may go well the next time."""


class StorageError(PipelineError):
    """Object storage refused, or did not answer; the same may go well the next time."""


class CancelledError(PipelineError):
    """The run was cancelled by a signal; nothing was published."""

    exit_status = 128 + signal.SIGTERM


class AuditError(PipelineError):
    """A blocking check failed: the release was held back, the published one stays."""

    exit_status = 3
