"""No regular expression takes more than linear time, whatever the text."""

import re

import pytest

from pressroom.frontmatter import toml_reader, yaml_errors
from pressroom.markup import source
from pressroom.model import templates
from tests.patterns import collected
from tests.patterns.ambiguity import MODES, SEARCH, pump
from tests.patterns.collected import Collected, Unknown

BAD = [
    ("(a*)*b", "match"),
    ("(a+)+", "fullmatch"),
    ("(a|a)*b", "match"),
    ("(a?){20,}b", "match"),
    (r"(\w+\s*)+:", "match"),
    (r"\s*\s*x", "match"),
    (r"\d+\d+x", "match"),
    (".*,.*,", "match"),
    ("(?i)a*A*b", "match"),
    ("(?:a*b|a)*", "match"),
    (r"^[ \t]*(-[ \t]*)*\s*x", "match"),
    (r"\s*x", "search"),
    ("[ ]+$", "search"),
    ("a++$", "search"),
    (r"a+\b", "search"),
    ("<b>(.*?)</b>", "search"),
    ("a(?=.*b)", "search"),
    ("a(?:[ab]*c)?", "search"),
    (r'"(?:[^"\\]|\\.)*"', "search"),
    ("[0-9_]{4300,}", "search"),
    ("(?:[ ]*;)+(?=[ ]*(?:[;)]|$))", "search"),
]
GOOD = [
    ("(?:a|b)*c", "match"),
    ("a++b", "match"),
    ("(?>a+)a*b", "match"),
    ("(?>a*)*b", "match"),
    (r"[ \t]++[ ]*x", "match"),
    (r"\w+\b\w+x", "match"),
    ("(?:-[ ]+)*x", "match"),
    ("[a-z]+[0-9]+z", "match"),
    (r"(a+)b\1", "match"),
    ("a*b*c*", "fullmatch"),
    ("[^\n]*", "search"),
    (r"\s*", "search"),
    (r"\n[^\n]*x", "search"),
    (r"^[ \t]*x", "search"),
    (r"(?m)^[ \t]*x", "search"),
    ("(?<![ ])[ ]+$", "search"),
    (r"(?<!\w)\w+x", "search"),
    (r"\d{1,9}x", "search"),
    (r"\\[A-Za-z]+(?![A-Za-z])", "search"),
    (r'"(?:[^"\\\n]|\\[^\n])*"?', "search"),
    (r'"[^"\\\n]*+(?:\\[^\n][^"\\\n]*+)*+"?', "search"),
]


@pytest.mark.parametrize(("pattern", "use"), BAD)
def test_a_pattern_that_can_take_more_than_linear_time_is_found(pattern: str, use: str) -> None:
    assert pump(re.compile(pattern), MODES.get(use, SEARCH))


@pytest.mark.parametrize(("pattern", "use"), GOOD)
def test_a_pattern_that_takes_linear_time_is_left_alone(pattern: str, use: str) -> None:
    assert pump(re.compile(pattern), MODES.get(use, SEARCH)) is None


# Whose patterns see no file, or what is done about them.
_LEFT_OUT = {
    "pressroom.base.fingerprint": "they read the package's own sources",
    "pressroom.files.s3": "they read what the library of object storage says of an error",
    "pressroom.model.collections": "they read paths, which have 4,096 bytes at most",
    "pressroom.model.file_names": "they read paths, which have 4,096 bytes at most",
    "pressroom.proposal.recognition": "they read paths, which have 4,096 bytes at most",
    "pressroom.proposal.javascript": "no text in quotes is read beyond 1,000 characters",
    "pressroom.base.printable": "their repeats are bounded by numbers, and messages are short",
}


def _found() -> list[Collected | Unknown]:
    names = {name: module for name, module in collected.modules() if name not in _LEFT_OUT}
    return [found for module in names.values() for found in collected.of_module(module)]


def test_every_pattern_of_the_package_takes_linear_time() -> None:
    patterns = [found for found in _found() if isinstance(found, Collected)]
    found = {
        (one.place, one.pattern.pattern): pump(one.pattern, mode)
        for one in patterns
        for mode in one.modes
    }

    assert len(patterns) > 100
    assert {place: text for place, text in found.items() if text is not None} == {}


def test_so_do_those_that_functions_make() -> None:
    made = {
        "pressroom.markup.html.write": [(re.compile("\ue000([0-9]+)\ue000"), SEARCH)],
        "pressroom.markup.source._spans_in": [(source._spans_in("\ue000"), SEARCH)],
        "pressroom.markup.source._templates_in": [(source._templates_in("\ue000"), SEARCH)],
        "pressroom.model.templates._spellings": [(templates._spellings((":a", "{{ b }}")), SEARCH)],
        "pressroom.proposal.columns.proposed": [(re.compile("related[0-9]+"), MODES["fullmatch"])],
        "pressroom.frontmatter.toml_reader._too_deep": [(toml_reader._too_deep(64), SEARCH)],
        "pressroom.frontmatter.yaml_errors._rule": [
            (pattern, SEARCH) for rule in yaml_errors._RULES for pattern in (rule.words, rule.line)
        ],
    }

    assert {found.place for found in _found() if isinstance(found, Unknown)} == made.keys()
    for place, patterns in made.items():
        for pattern, mode in patterns:
            assert pump(pattern, mode) is None, (place, pattern)
