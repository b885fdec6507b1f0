"""Whatever a content model and the files are: nothing is lost, and nothing depends on the order."""

import contextlib
import shutil
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pressroom.base.problems import DocumentError, Problem
from pressroom.content.article import Article, Rules, Skipped, article_of
from pressroom.content.lint import lint
from pressroom.model import contradictions
from pressroom.model.collections import Collection
from pressroom.model.columns import DEFAULT_KEYS, Column
from pressroom.model.content import ContentModel
from pressroom.model.paths import Sources
from pressroom.model.schemas import tables
from pressroom.model.settings import Limits
from pressroom.releases.manifest import open_release
from tests.conftest import AS_OF, Site

KEYS = ("title", "date", "tags", "a", "a.b", "lastmod", "draft", "url", "slug", "category")
SPECIAL = ("!draft", "a=x", ":filename", ":folder", ":heading", ":body", ":path", ":url")
FILLED = ("{title}", "{path:hugo}", "{a|b:lower|}", "{slug}/{year}", "{1}", "{url}", "{language}")
SOURCES = st.lists(st.sampled_from([*KEYS, *SPECIAL, *FILLED]), max_size=3).map(tuple)
TEMPLATES = st.sampled_from(
    [
        "",
        "/{path}/",
        "/{path:github}",
        "/{year}/{month}/{slug}/",
        "/{slug:hugo|}/",
        "/{a|title}",
        "/x",
    ]
)
COLUMNS = st.dictionaries(
    st.sampled_from(["a", "tags", "weight", "seen", "kind", "parts"]),
    st.builds(
        Column,
        type=st.sampled_from(["text", "number", "boolean", "date", "datetime", "list", "json"]),
        key=SOURCES.map(lambda sources: tuple(one for one in sources if one[:1] not in "!:{"[:1])),
        separator=st.sampled_from(["", " ", ","]),
        significant=st.booleans(),
    ),
    max_size=4,
)
KEYS_OF = st.dictionaries(st.sampled_from(list(DEFAULT_KEYS)), SOURCES, max_size=5)
OF_BOTH: dict[str, Any] = {
    "keys": KEYS_OF,
    "columns": COLUMNS,
    "url": TEMPLATES,
    "slash": st.sampled_from(["kept", "always", "never"]),
    "bundles": st.booleans(),
    "future": st.sampled_from(["publish", "hold"]),
    "dialect": st.sampled_from(["gfm", "python-markdown"]),
    "decode": st.sampled_from(["", "escaped-newlines"]),
    "set": st.dictionaries(st.sampled_from(["author", "subject"]), st.just("Ann"), max_size=1),
    "skip": st.booleans(),
}
COLLECTIONS = st.lists(
    st.builds(
        Collection,
        files=st.sampled_from([("posts/**",), ("*.md",), ("**/b*",), ("*/*.md", "x/**")]),
        name=st.sampled_from([None, "posts"]),
        **{name: st.none() | one if name not in ("keys", "columns", "set") else one
           for name, one in OF_BOTH.items()},
    ),
    max_size=2,
).map(tuple)  # fmt: skip
MODELS = st.builds(
    ContentModel,
    collections=COLLECTIONS,
    languages=st.sampled_from([(), ("en", "fr")]),
    required=st.sampled_from([(), ("title",), ("text", "published")]),
    **{name: one for name, one in OF_BOTH.items() if name != "skip"},
).filter(lambda model: not list(contradictions.contradictions(model)))

PLAIN = ("x", "", "~", "/p/q", "'é ü'", "1e400", "-3.5", "true", "false", ":title", "'{slug}'")
NESTED = ("[a, b]", "{b: c}", "[{b: c}, d]", "[[]]")
DATES = ("2024-01-02", "2099-12-31T10:00:00Z", "08-07-2022")
VALUES = st.sampled_from([*PLAIN, *NESTED, *DATES])
FILES = st.dictionaries(
    st.sampled_from(["a.md", "b.fr.md", "posts/2024-01-02-b.md", "posts/index.md", "fr/c d.md"]),
    st.dictionaries(st.sampled_from([*KEYS, "author"]), VALUES, max_size=6),
    min_size=1,
    max_size=5,
)


def text_of(values: dict[str, str]) -> str:
    return "".join(["---\n", *(f"{key}: {value}\n" for key, value in values.items()), "---\n# H\n"])


@given(MODELS, FILES)
@settings(max_examples=300)
def test_a_file_is_an_article_skipped_or_rejected(
    model: ContentModel, files: dict[str, dict[str, str]]
) -> None:
    for path, values in files.items():
        with contextlib.suppress(DocumentError):
            _check(article_of(text_of(values), path, Rules(model, Limits())), path, model)


def _check(result: Article | Skipped | list[Problem], path: str, model: ContentModel) -> None:
    names = set(tables(model)["articles"].schema.names)
    if isinstance(result, Article):
        assert result.columns.keys() <= names
        assert set(result.lists) <= set(model.lists())
        assert result.columns["url"].startswith("/")
        list(lint(result, model.of(path).model))
    elif not isinstance(result, Skipped):
        assert result


ABOUT_RELEASE = (
    *("changes", "datapackage", "croissant", "report", "ledger"),
    *("conformance", "tables/history", "tables/releases"),
)


def content(site: Site) -> dict[str, str]:
    """The digests of the files of the release that do not say how it came about."""
    release = open_release((site.out / "current").resolve())
    return {
        entry.path: entry.sha256
        for name, output in release.outputs.items()
        for entry in output.files
        if not any(word in entry.path for word in ABOUT_RELEASE)
    }


@given(st.tuples(MODELS, MODELS), FILES)
@settings(max_examples=6, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_another_model_makes_of_a_release_what_it_makes_of_the_files_alone(
    models: tuple[ContentModel, ContentModel], files: dict[str, dict[str, str]]
) -> None:
    home = Path(tempfile.mkdtemp())
    try:
        (home / "one").mkdir()
        site = Site(home / "one")
        for path, values in files.items():
            (site.raw / path).parent.mkdir(exist_ok=True)
            (site.raw / path).write_text(text_of(values))
        # One that is read whatever the models are: a release needs an article.
        (site.raw / "z").mkdir()
        (site.raw / "z" / "z.md").write_text("---\nurl: /z/\ntitle: Z\ndate: 2024-01-01\n---\nZ\n")
        limits = Limits(max_rejects=1.0)
        for number, model in enumerate(models):
            fixed = Collection(("z/**",), keys={"url": ("url",)}, skip=False, bundles=False)
            whole = ContentModel(
                **{
                    **{name: getattr(model, name) for name in OF_BOTH if name != "skip"},
                    "languages": model.languages,
                    "collections": (fixed, *model.collections),
                }
            )
            options: dict[str, Any] = {
                "content": whole,
                "limits": limits,
                "sources": Sources(front_matter="optional"),
            }
            site.build(as_of=AS_OF + number, accept_removals=True, **options)
            counts = open_release((site.out / "current").resolve()).manifest.counts
            assert counts.files == counts.articles + counts.rejects + counts.skipped
        incremental = content(site)
        site.build(as_of=AS_OF + 1, full=True, force=True, accept_removals=True, **options)
        assert content(site) == incremental
    finally:
        shutil.rmtree(home)
