"""The one module that ``workspace.yaml`` and ``[tool.dg]`` name: the site of this folder.

Its settings are those of the file in the environment variable ``PRESSROOM_SETTINGS``, else of
``pressroom.toml`` in the folder that Dagster is started in, else of that beside the code.
"""

import os
from pathlib import Path

from pressroom.dagster.library import build_defs

# The name of the code location, in ``workspace.yaml`` and ``[tool.dg]`` too.
LOCATION = "pressroom"
SETTINGS_VARIABLE = "PRESSROOM_SETTINGS"
_NAME = "pressroom.toml"
_CLONE = Path(__file__).resolve().parent.parent


def settings_file() -> Path:
    """The settings of the site; a clone's own where its workspace is loaded from elsewhere."""
    if named := os.environ.get(SETTINGS_VARIABLE):
        return Path(named)
    here = Path.cwd() / _NAME
    return here if here.exists() or not (_CLONE / _NAME).exists() else _CLONE / _NAME


defs = build_defs(settings_file())
