"""What GitHub's and GitLab's REST APIs are asked: the one place that sends anything.

Requests go to the address that the CI service itself gives (``GITHUB_API_URL``, ``CI_API_V4_URL``). An answer may be
of any size and form: it is read up to a limit and taken for what it is. A redirect, which GitHub answers a download
with, is followed without the token.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from http.client import HTTPMessage
from typing import IO, Any
from urllib.parse import urlsplit

from autograder.errors import GraderError

MAX_ANSWER_BYTES = 32 << 20
TIMEOUT_SECONDS = 30
PER_PAGE = 100
MAX_PAGES = 30  # GitHub lists no more than 3,000 files of a pull request


class Api:
    """``address`` without its last slash; ``headers`` go with every request, and with no redirected one."""

    def __init__(self, address: str, headers: Mapping[str, str]) -> None:
        if urlsplit(address).scheme not in ("https", "http"):
            raise GraderError(f"{address!r} is not the address of an API")
        self._address = address.rstrip("/")
        self._headers = dict(headers)
        self._opener = urllib.request.build_opener(_WithoutToken())

    def get(self, path: str) -> Any:
        """The JSON at ``path``; raises :class:`GraderError` for any other answer."""
        return _json(path, self.download(path, MAX_ANSWER_BYTES))

    def download(self, path: str, max_bytes: int) -> bytes:
        """The bytes at ``path``, at most ``max_bytes`` of them."""
        return self._send("GET", path, None, max_bytes)

    def send(self, method: str, path: str, body: Mapping[str, object]) -> Any:
        """What a request with a JSON body is answered."""
        return _json(path, self._send(method, path, json.dumps(body).encode(), MAX_ANSWER_BYTES))

    def pages(self, path: str) -> Iterator[dict[str, Any]]:
        """Every object of a list that comes in pages; raises :class:`GraderError` where there is no end to it."""
        mark = "&" if "?" in path else "?"
        for number in range(1, MAX_PAGES + 1):
            page = self.get(f"{path}{mark}per_page={PER_PAGE}&page={number}")
            if not isinstance(page, list):
                raise GraderError(f"{path}: the API answered with something else than a list")
            yield from (one for one in page if isinstance(one, dict))
            if len(page) < PER_PAGE:
                return
        raise GraderError(f"{path}: the API has more than {MAX_PAGES * PER_PAGE} of these")

    def _send(self, method: str, path: str, body: bytes | None, max_bytes: int) -> bytes:
        request = urllib.request.Request(self._address + path, data=body, method=method)
        for name, value in self._headers.items():
            request.add_unredirected_header(name, value)
        if body is not None:
            request.add_unredirected_header("Content-Type", "application/json")
        try:
            with self._opener.open(request, timeout=TIMEOUT_SECONDS) as answer:
                data: bytes = answer.read(max_bytes + 1)
        except urllib.error.HTTPError as error:
            raise GraderError(
                f"{method} {path}: the API answered {error.code}. {_REMEDIES.get(error.code, '')}"
            ) from None
        except OSError as error:
            raise GraderError(f"{method} {path}: the API cannot be reached ({error})") from None
        if len(data) > max_bytes:
            raise GraderError(f"{path}: is larger than {max_bytes} bytes")
        return data


_REMEDIES = {
    401: "The token is not valid",
    403: "The token lacks a permission: on GitHub `pull-requests: write` and `actions: read`, on GitLab the scope api",
    404: "There is no such thing, or the token may not see it",
}


class _WithoutToken(urllib.request.HTTPRedirectHandler):
    """Follows to https, or where the first request was not encrypted either, without the first one's headers."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        if urlsplit(newurl).scheme not in ("https", urlsplit(req.full_url).scheme):
            raise GraderError("the API redirects to another protocol")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def github(environment: Mapping[str, str]) -> Api:
    """GitHub's, with the job's token in ``GITHUB_TOKEN``."""
    return Api(
        environment.get("GITHUB_API_URL", "https://api.github.com"),
        {
            "Authorization": f"Bearer {_token(environment, 'GITHUB_TOKEN')}",
            "Accept": "application/vnd.github+json",
            "X-GitHub-Api-Version": "2022-11-28",
            "User-Agent": "autograder",
        },
    )


def gitlab(environment: Mapping[str, str]) -> Api:
    """GitLab's, with a project access token in ``GRADER_NOTE_TOKEN``: a job's own token may not write notes."""
    token = _token(environment, "GRADER_NOTE_TOKEN")
    return Api(environment.get("CI_API_V4_URL", ""), {"PRIVATE-TOKEN": token, "User-Agent": "autograder"})


def _token(environment: Mapping[str, str], name: str) -> str:
    token = environment.get(name, "")
    if not token or not token.isascii() or not token.isprintable():
        raise GraderError(f"{name}: no token is in the environment. docs/ci.md says which one it has to be")
    return token


def _json(path: str, data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        raise GraderError(f"{path}: the API answered with something else than JSON") from None
