"""What a site tells crawlers: what robots.txt allows, and whom ``pressroom notify`` tells."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from annotated_types import MinLen

from ..base.errors import SettingsError
from ..base.web import is_address
from .checks import STRICT, Checked

ALL = "*"  # the crawlers that no rule names
_AGENT = re.compile(r"[A-Za-z0-9_-]+|\*")
_INDEXNOW_KEY = re.compile("[A-Za-z0-9-]{8,128}")


def _check_agents(names: tuple[str, ...]) -> tuple[str, ...]:
    for name in names:
        if not _AGENT.fullmatch(name):
            message = f"{name!r} is not the name of a crawler, such as 'GPTBot'."
            raise SettingsError(message)
    return names


def _check_paths(paths: tuple[str, ...]) -> tuple[str, ...]:
    for path in paths:
        if not path.startswith("/"):
            raise SettingsError(f"{path!r} does not begin with a slash.")
    return paths


def _check_indexnow_key(key: str) -> str:
    if key and not _INDEXNOW_KEY.fullmatch(key):
        raise SettingsError("a key is of 8 to 128 letters a–z and A–Z, digits and hyphens.")
    return key


def _check_endpoint(address: str) -> str:
    if not is_address(address):
        raise SettingsError(f"{address!r} does not begin with http:// or https:// and a host.")
    return address


# From the root of the site, as urls of articles are; `*` and a last `$` as RFC 9309, 2.2.3.
PathPatterns = Annotated[tuple[str, ...], Checked(_check_paths)]


@dataclass(frozen=True, slots=True)
class RobotsRule:
    """What crawlers of some names are allowed, instead of what all others are."""

    __pydantic_config__ = STRICT

    user_agents: Annotated[tuple[str, ...], MinLen(1), Checked(_check_agents)]
    allow: PathPatterns = ()
    disallow: PathPatterns = ()


@dataclass(frozen=True, slots=True)
class Robots:
    """What crawlers are allowed: those that `rules` name what these say, and all others the rest.

    Of the patterns that a url fits the longest counts, and `allow` before `disallow`.
    """

    __pydantic_config__ = STRICT

    allow: PathPatterns = ()
    disallow: PathPatterns = ()
    rules: tuple[RobotsRule, ...] = ()

    @property
    def groups(self) -> tuple[RobotsRule, ...]:
        """All rules, that of the crawlers without a rule of their own first."""
        return RobotsRule((ALL,), self.allow, self.disallow), *self.rules


@dataclass(frozen=True, slots=True)
class Notify:
    """Whom ``pressroom notify`` tells of urls: IndexNow, to which a key proves whose site it is."""

    __pydantic_config__ = STRICT

    indexnow_key: Annotated[str, Checked(_check_indexnow_key)] = ""
    indexnow_endpoint: Annotated[str, Checked(_check_endpoint)] = (
        "https://api.indexnow.org/indexnow"
    )


def contradictions(robots: Robots) -> Iterator[tuple[str, str]]:
    """What is wrong with the rules as a whole: the dotted key to look at, and a message."""
    seen = {ALL}
    for number, rule in enumerate(robots.rules):
        key = f"robots.rules.{number}.user_agents"
        for agent in rule.user_agents:
            if agent == ALL:
                yield key, f"{key}: what all crawlers are told stands in [robots] itself."
            elif agent.lower() in seen:
                yield key, f"{key}: {agent!r} is named twice, and crawlers differ in what counts."
            seen.add(agent.lower())
