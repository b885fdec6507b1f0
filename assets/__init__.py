"""Pressroom in Dagster: declares the assets of a site, has `pressroom.engine.build` make them, and
tells Dagster what was published.

What others use is named here.
"""

from pressroom.dagster.component import PressroomComponent
from pressroom.dagster.io_manager import PressroomTables
from pressroom.dagster.library import build_defs

__all__ = ["PressroomComponent", "PressroomTables", "build_defs"]
