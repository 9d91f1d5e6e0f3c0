"""GitHub's and GitLab's APIs on the loopback, as far as publishing asks them: every request is checked and kept."""

from __future__ import annotations

import io
import json
import re
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN = "ghs_the-token-of-the-job"


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    body: Any = None


@dataclass
class State:
    """A repository on the host. ``comments`` are of every pull request; ``archives`` is artifact → bytes."""

    pull: dict[str, Any] = field(default_factory=dict)
    files: list[dict[str, Any]] = field(default_factory=list)
    comments: list[dict[str, Any]] = field(default_factory=list)
    artifacts: list[dict[str, Any]] = field(default_factory=list)
    archives: dict[int, bytes] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    leaked: list[str] = field(default_factory=list)  # where a token came that had no business there
    before: Callable[[Request], None] = lambda request: None

    @property
    def writes(self) -> list[Request]:
        return [request for request in self.requests if request.method != "GET"]


@dataclass(frozen=True)
class Host:
    address: str
    state: State


def archive(*files: tuple[str, bytes]) -> bytes:
    """What an artifact of these files is downloaded as."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, data in files:
            opened.writestr(name, data)
    return packed.getvalue()


@contextmanager
def github_host() -> Iterator[Host]:
    """GitHub for the repository course/dl."""
    with _serving(_GitHub) as host:
        yield host


@contextmanager
def gitlab_host() -> Iterator[Host]:
    """GitLab for project 12, whose token belongs to user 99."""
    with _serving(_GitLab) as host:
        yield host


@contextmanager
def _serving(kind: type[_Handler]) -> Iterator[Host]:
    state = State()
    handler = type("Handler", (kind,), {"state": state})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield Host(f"http://127.0.0.1:{server.server_address[1]}", state)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    state: State

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass

    def do_GET(self) -> None:
        self._take("GET")

    def do_POST(self) -> None:
        self._take("POST")

    def do_PATCH(self) -> None:
        self._take("PATCH")

    def do_PUT(self) -> None:
        self._take("PUT")

    def answer(self, request: Request, query: dict[str, list[str]]) -> None:
        raise NotImplementedError

    def is_allowed(self) -> bool:
        raise NotImplementedError

    def say(self, code: int, answer: Any, **headers: str) -> None:
        data = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def page(self, whole: list[dict[str, Any]], query: dict[str, list[str]]) -> None:
        size, number = int(query.get("per_page", ["30"])[0]), int(query.get("page", ["1"])[0])
        assert size <= 100
        self.say(200, whole[(number - 1) * size : number * size])

    def _take(self, method: str) -> None:
        parts = urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else None
        request = Request(method, parts.path, body)
        if parts.path.startswith("/storage/"):  # where a download is sent on to: another party's
            self.state.leaked += [name for name in ("Authorization", "PRIVATE-TOKEN") if name in self.headers]
            self.say(200, self.state.archives[int(parts.path.rpartition("/")[2])])
            return
        self.state.before(request)
        self.state.requests.append(request)
        if not self.is_allowed():
            self.say(401, {"message": "Bad credentials"})
        else:
            self.answer(request, parse_qs(parts.query))


class _GitHub(_Handler):
    def is_allowed(self) -> bool:
        return (
            self.headers.get("Authorization") == f"Bearer {TOKEN}"
            and self.headers.get("Accept") == "application/vnd.github+json"
            and self.headers.get("X-GitHub-Api-Version") == "2022-11-28"
        )

    def answer(self, request: Request, query: dict[str, list[str]]) -> None:
        state, number = self.state, self.state.pull.get("number")
        within = request.path.removeprefix("/repos/course/dl/")
        match request.method, within:
            case "GET", path if re.fullmatch(r"actions/runs/\d+/artifacts", path):
                run = int(path.split("/")[2])
                these = [
                    one for one in state.artifacts if one["run"] == run and one["name"] == query["name"][0]
                ]
                self.say(200, {"total_count": len(these), "artifacts": these})
            case "GET", path if found := re.fullmatch(r"actions/artifacts/(\d+)/zip", path):
                self.say(302, b"", Location=f"http://{self.headers['Host']}/storage/{found[1]}")
            case "GET", path if path == f"pulls/{number}":
                self.say(200, state.pull)
            case "GET", path if path == f"pulls/{number}/files":
                self.page(state.files, query)
            case "GET", path if path == f"issues/{number}/comments":
                self.page(state.comments, query)
            case "POST", path if path == f"issues/{number}/comments":
                bot = {"login": "github-actions[bot]", "type": "Bot"}
                state.comments.append({"id": 1000 + len(state.comments), "user": bot, **request.body})
                self.say(201, state.comments[-1])
            case "PATCH", path if found := re.fullmatch(r"issues/comments/(\d+)", path):
                [comment] = [one for one in state.comments if one["id"] == int(found[1])]
                comment |= request.body
                self.say(200, comment)
            case _:
                self.say(404, {"message": "Not Found"})


class _GitLab(_Handler):
    def is_allowed(self) -> bool:
        return self.headers.get("PRIVATE-TOKEN") == TOKEN

    def answer(self, request: Request, query: dict[str, list[str]]) -> None:
        notes = "/projects/12/merge_requests/7/notes"
        match request.method, request.path:
            case "GET", "/user":
                self.say(200, {"id": 99})
            case "GET", path if path == notes:
                self.page(self.state.comments[::-1], query)  # the newest first
            case "POST", path if path == notes:
                self.state.comments.append(
                    {"id": 500 + len(self.state.comments), "author": {"id": 99}, **request.body}
                )
                self.say(201, self.state.comments[-1])
            case "PUT", path if found := re.fullmatch(f"{notes}/(\\d+)", path):
                [note] = [one for one in self.state.comments if one["id"] == int(found[1])]
                note |= request.body
                self.say(200, note)
            case _:
                self.say(404, {"message": "404 Not Found"})
