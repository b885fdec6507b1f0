"""What the commands share: the options that name a site, and the site that one works on."""

import functools
import shlex
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..base.errors import PipelineError
from ..base.places import Place, is_storage_url
from ..base.wording import some
from ..model.paths import Paths, read, stated_paths
from ..releases import local
from ..releases.manifest import Release
from ..releases.store import ReleaseStore, store_at
from ..sources.source import Source, source_at

if TYPE_CHECKING:
    from ..model.settings import Settings

_SETTINGS_FILE = Path("pressroom.toml")


@dataclass(frozen=True)
class Site:
    """The site that a command works on.

    `options` are those by which another command works on the same. `file` is that of the settings,
    if there is one, `text` what it holds, which is read once, and `stated` what the command line
    says instead of it.
    """

    paths: Paths
    options: str
    file: Path | None
    text: str
    stated: Mapping[str, Any]

    @functools.cached_property
    def settings(self) -> "Settings":
        """All settings: a tenth of a second, which commands that need but the paths are spared.

        Raises:
            SettingsError: They are wrong.
        """
        return _settings(self.file, self.text).override(**self.stated)

    @property
    def source(self) -> Source:
        """Where its raw files are."""
        return source_at(self.paths.raw)

    @property
    def store(self) -> ReleaseStore:
        """Where its releases are published."""
        return store_at(self.paths.out, self.paths.storage)

    def with_settings(self, **stated: Any) -> "Site":
        """The same with settings that were stated on the command line; None states nothing."""
        return replace(self, stated={**self.stated, **stated})

    def current(self, *outputs: str) -> Release:
        """The published release, of which some outputs are to be read."""
        release = local.current(self.paths.out)
        if release is None:
            message = f"There is no release in {self.store.home} yet: run pressroom build."
            if local.held_back(self.paths.out):
                message += (
                    f" The last run was held back: see `pressroom rejects --run{self.options}`."
                )
            raise PipelineError(message)
        self.bring(release, outputs)
        return release

    def held_back(self) -> Release:
        """What the last run left, which was held back."""
        release = local.held_back(self.paths.out)
        if release is None:
            raise PipelineError(f"The last run in {self.paths.out} was not held back: omit --run.")
        return release

    def bring(self, release: Release, outputs: Iterable[str]) -> None:
        """Bring outputs of a release to this machine, if they are published elsewhere."""
        wanted = [name for name in outputs if name in release.outputs]
        if missing := self.store.fetch(release, wanted):
            raise PipelineError(f"{release.id} is missing {some(missing)}: see `pressroom verify`.")


def command(
    *options: str, is_fresh: bool = True, **attributes: Any
) -> Callable[[Callable[..., None]], click.Command]:
    """Make a function of a `Site` and further options a command.

    It takes ``--settings`` and the `options`, names of settings such as ``out``, in that order.
    `is_fresh`: the output folder says what the storage says when the function is called.
    """

    def decorate(function: Callable[..., None]) -> click.Command:
        @functools.wraps(function)
        def run(settings_file: Path | None, **rest: Any) -> None:
            site = _site(settings_file, {name: rest.pop(name) for name in options})
            if is_fresh:
                site.store.refresh()
            function(site, **rest)

        wrapped: Callable[..., None] = run
        for name in ("settings", *options)[::-1]:
            wrapped = _OPTIONS[name](wrapped)
        made: click.Command = click.command(**attributes)(wrapped)
        return made

    return decorate


def _site(settings_file: Path | None, stated: dict[str, Any]) -> Site:
    file = settings_file or (_SETTINGS_FILE if _SETTINGS_FILE.exists() else None)
    text = read(file) if file else ""
    paths = (stated_paths(text, file) or _settings(file, text).paths) if file else Paths()
    places = (stated.get(name) for name in ("raw", "out", "storage"))
    others = {"--settings": settings_file, "--out": stated["out"], "--storage": stated["storage"]}
    typed = (f" {name} {shlex.quote(str(value))}" for name, value in others.items() if value)
    return Site(paths.override(*places), "".join(typed), file, text, stated)


def _settings(file: Path | None, text: str) -> "Settings":
    from ..model import settings_toml  # noqa: PLC0415  as `Site.settings`
    from ..model.settings import Settings  # noqa: PLC0415

    return settings_toml.parse(text, file) if file else Settings()


class _Folder(click.ParamType[Path]):
    """A folder; an empty text, as of an unset variable, is none."""

    name = "directory"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        if not value:
            self.fail("the name of the folder is empty", param, ctx)
        return Path(value)


class _Raw(click.ParamType[Place]):
    """A folder, or a place on object storage."""

    name = "directory or URL"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Place:
        return str(value) if is_storage_url(value) else _Folder().convert(value, param, ctx)


OF_RUN = click.option(
    "--run", "of_run", is_flag=True, help="Read the last run, which was held back, instead."
)
_OPTIONS = {
    "settings": click.option(
        "--settings",
        "settings_file",
        type=click.Path(path_type=Path),
        help="The settings of the site.  [default: pressroom.toml, if there is one]",
    ),
    "raw": click.option("--raw", type=_Raw(), help="The folder of front-matter files."),
    "out": click.option("--out", type=_Folder(), help="Where releases are written."),
    "storage": click.option(
        "--storage", metavar="URL", help="Where they are published, if not there: s3://bucket/site."
    ),
}
