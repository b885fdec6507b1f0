"""Arrow without pandas: who imports this keeps Arrow from importing it by itself.

With its first array Arrow looks whether pandas is there, which costs each process 0.4 s and 35 MB
(`pyarrow.array` asks for each value whether it is a series). It looks once; later on pandas can
be imported, and tables be turned into frames, as ever.
"""

import sys

import pyarrow as pa


class _NotFound:
    """A finder of modules that has no pandas."""

    @staticmethod
    def find_spec(name: str, path: object = None, target: object = None) -> None:
        """Refuse pandas, know nothing else."""
        if name == "pandas":
            raise ModuleNotFoundError(name)


if "pandas" not in sys.modules:
    sys.meta_path.insert(0, _NotFound)
    try:
        pa.array([0])
    finally:
        sys.meta_path.remove(_NotFound)
