"""What a crawler finds of a site: ultimate-sitemap-parser, on files that are served nowhere."""

from collections.abc import Mapping

from usp.objects.page import SitemapPage
from usp.tree import sitemap_tree_for_homepage
from usp.web_client.abstract_client import (
    AbstractWebClient,
    AbstractWebClientResponse,
    AbstractWebClientSuccessResponse,
    WebClientErrorResponse,
)


class _Response(AbstractWebClientSuccessResponse):
    def __init__(self, url: str, data: bytes) -> None:
        self._url, self._data = url, data

    def status_code(self) -> int:
        return 200

    def status_message(self) -> str:
        return "OK"

    def header(self, case_insensitive_name: str) -> str | None:
        is_type = case_insensitive_name.lower() == "content-type"
        return "text/plain" if is_type and self._url.endswith(".txt") else None

    def raw_data(self) -> bytes:
        return self._data

    def url(self) -> str:
        return self._url


class _Client(AbstractWebClient):
    """Serves files at their URLs."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.files = files

    def set_max_response_data_length(self, max_response_data_length: int | None) -> None:
        pass

    def get(self, url: str) -> AbstractWebClientResponse:
        if url in self.files:
            return _Response(url, self.files[url])
        return WebClientErrorResponse(f"404: {url}", retryable=False)


def crawled(index: str, files: Mapping[str, bytes]) -> list[SitemapPage]:
    """The pages that sitemaps lead to, of which robots.txt names the index; files by their URLs."""
    origin = "/".join(index.split("/")[:3])
    served = {**files, f"{origin}/robots.txt": f"Sitemap: {index}\n".encode()}
    tree = sitemap_tree_for_homepage(origin + "/", _Client(served), use_known_paths=False)
    return [*tree.all_pages()]
