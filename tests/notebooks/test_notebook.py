"""Reading submitted files: what is a notebook is read, and what is none is named."""

from __future__ import annotations

import errno
import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from autograder.errors import UnreadableNotebook
from autograder.notebooks import foreign
from autograder.notebooks import notebook as reader
from autograder.notebooks.notebook import Cell, parse, read_file
from tests.builders import code, document, notebook, text


def refusal(data: bytes) -> UnreadableNotebook:
    with pytest.raises(UnreadableNotebook) as caught:
        parse(data)
    return caught.value


def test_cells_are_read_in_order() -> None:
    """Positions count every cell from 1; ids and tags come from the metadata."""
    tagged = text("# Hi") | {"metadata": {"tags": ["lang-en"]}}
    raw = {"cell_type": "raw", "metadata": {}, "source": "r"}
    read = parse(notebook([tagged, code(["a = 1\n", "b = 2"], "linear"), raw, code("c")]))
    assert read.cells == (
        Cell(1, "markdown", "# Hi", None, ("lang-en",)),
        Cell(2, "code", "a = 1\nb = 2", "linear"),
        Cell(3, "raw", "r"),
        Cell(4, "code", "c"),
    )


def test_hints_come_from_the_release() -> None:
    """A released notebook says its language and assignment; any other has no hint."""
    read = parse(notebook([code("a")], {"autograder": {"lang": "ko", "assignment": "dl1", "version": 1}}))
    assert (read.language_hint, read.assignment_hint) == ("ko", "dl1")
    assert parse(notebook([code("a")], {"autograder": {"lang": 5}})).language_hint is None
    assert parse(notebook([code("a")])).assignment_hint is None


@pytest.mark.parametrize(
    "encode",
    [
        lambda text: text.encode(),
        lambda text: text.encode("utf-8-sig"),
        lambda text: text.encode("utf-16"),
        lambda text: b"\xfe\xff" + text.encode("utf-16-be"),
        lambda text: text.encode("cp949"),
    ],
)
def test_encodings(encode: Any) -> None:
    """UTF-8 with and without a mark, UTF-16 with a mark and cp949 read alike."""
    data = encode(notebook([code("답 = 'ㄱ'  # 정답")]).decode())
    assert parse(data).cells[0].source == "답 = 'ㄱ'  # 정답"


def test_newlines_are_normalised() -> None:
    """A source written on any system has lines that end in a line feed."""
    assert parse(notebook([code("a\r\nb\rc\n")])).cells[0].source == "a\nb\nc\n"


def test_half_a_surrogate_pair_is_replaced() -> None:
    """What no UTF-8 file can hold becomes U+FFFD, a whole pair stays what it is."""
    data = json.dumps(document([code("a = '\ud83d'"), code("b = '😀'")])).encode()
    read = parse(data)
    assert [cell.source for cell in read.cells] == ["a = '\ufffd'", "b = '😀'"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"outputs": []', b'"outputs": [{"data": NaN, "more": [Infinity, -Infinity]}]'),
        (b'"outputs": []', b'"outputs": ["\n"]'),
        (b'"metadata": {}', b'"metadata": {"a": [1e999, NaN]}'),
        (b'"outputs": []', b'"outputs": ["\\ud800"]'),
        (b'"outputs": []', b'"outputs": ["\xff\xfe"]'),
        (b'"outputs": []', b'"outputs": 5'),
        (b'"outputs": []', b'"outputs": [' + b"9" * 9_000 + b"]"),
        (b'"outputs": []', b'"outputs": [' + b"9" * 9_000 + b", NaN]"),
        (b'"outputs": [], ', b""),
        (b'"execution_count": null', b'"execution_count": "In [3]"'),
        (b'"metadata": {}', b'"metadata": []'),
        (b'"metadata": {}', b'"metadata": null'),
        (b'"metadata": {}', b'"metadata": {"nbgrader": 5, "tags": "x", "colab": [{}]}'),
        (b'"metadata": {}', b'"metadata": {"nbgrader": {"grade_id": 5}, "tags": [5]}'),
        (b'"metadata": {}', b'"metadata": {"kernelspec": 5, "language_info": {"name": 5}, "autograder": []}'),
        (b'"nbformat": 4', b'"nbformat": "four"'),
        (b'"nbformat": 4', b'"nbformat": 99'),
        (b'"nbformat": 4, ', b""),
        (b'"nbformat": 4', b'"strange": [{}], "nbformat": 4'),
    ],
)
def test_a_notebook_that_breaks_the_schema_is_read_all_the_same(old: bytes, new: bytes) -> None:
    """Real files are often invalid: they are read as long as their code cells can be."""
    data = notebook([code("a = 1")])
    assert old in data
    assert [cell.source for cell in parse(data.replace(old, new)).cells] == ["a = 1"]


def test_a_cell_of_an_unknown_kind_is_raw() -> None:
    """What is not known to be code is not run."""
    strange = {"cell_type": "sql", "metadata": {}, "source": "select 1"}
    assert [cell.kind for cell in parse(notebook([strange, code("a")])).cells] == ["raw", "code"]


def test_markdown_without_a_readable_source_does_not_cost_the_code() -> None:
    """A text cell's source may be anything: it is never run."""
    assert [cell.source for cell in parse(notebook([text("x") | {"source": 5}, code("a")])).cells] == [
        "",
        "a",
    ]


def older_notebook(cells: list[dict[str, Any]]) -> bytes:
    sheet = {"cells": cells}
    older = {"nbformat": 3, "nbformat_minor": 0, "metadata": {"name": ""}, "worksheets": [sheet]}
    return json.dumps(older).encode()


def test_nbformat_3_is_upgraded() -> None:
    """Worksheets, `input` and headings of the older format are read as the newer one's."""
    read = parse(
        older_notebook(
            [
                {"cell_type": "heading", "level": 10**12, "metadata": {}, "source": "Title"},
                {"cell_type": "code", "input": ["print 1"], "language": "python", "outputs": [{"text": ["1"]}]},
                {"cell_type": "markdown", "source": "text"},
                {"cell_type": "html", "source": "<b>"},
            ]
        )
    )
    assert [(cell.kind, cell.source) for cell in read.cells] == [
        ("markdown", "# Title"),
        ("code", "print 1"),
        ("markdown", "text"),
        ("markdown", "<b>"),
    ]


def cut_off() -> bytes:
    return notebook([code("a = 1")])[:-30]


@pytest.mark.parametrize(
    ("data", "expected", "facts"),
    [
        (b"", "notebook_empty", {}),
        (b"\n", "notebook_empty", {}),
        (b"\xef\xbb\xbf  \r\n", "notebook_empty", {}),
        (b"<!DOCTYPE HTML>\n<html></html>", "notebook_is_html", {}),
        (b"import torch\n\nmodel = 1\n", "notebook_is_python", {}),
        (b'"""What it does."""\nx = 1\n', "notebook_is_python", {}),
        (b"foo\n", "notebook_is_text", {}),
        ("제 답은 5입니다.".encode(), "notebook_is_text", {}),
        (b"PK\x03\x04....", "notebook_is_binary", {"kind": "zip"}),
        (b"\x00\x01\x02\x03", "notebook_is_binary", {"kind": "unknown"}),
        (
            b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n",
            "notebook_is_git_lfs_pointer",
            {},
        ),
        (
            b'{\n<<<<<<< HEAD\n"cells": [],\n=======\n>>>>>>> theirs\n}',
            "notebook_has_git_conflict",
            {"line": 2},
        ),
        (b'{\n "cells": [],\n}', "notebook_bad_json", {"line": 2, "column": 13}),
        (b'{\n "cells": [\n  {},\n ]\n}', "notebook_bad_json", {"line": 3, "column": 5}),
        (b'{\n "cells" []}', "notebook_bad_json", {"line": 2, "column": 10}),
        (b'{"cells": [{"cell_type": "code", "source": ["print("a")"]}]}', "notebook_bad_json", {"line": 1}),
        (cut_off(), "notebook_cut_off", {"line": 1}),
        (b"[]", "notebook_is_other_json", {}),
        (b"5", "notebook_is_other_json", {}),
        (b'{"name": "package"}', "notebook_is_other_json", {}),
        (b'{"cells": 5}', "notebook_is_other_json", {}),
        (b'{"cells": [], "nbformat": 4}', "notebook_without_cells", {}),
        (b'{"cells": null, "nbformat": 4}', "notebook_without_cells", {}),
        (b'{"nbformat": 4, "metadata": {}}', "notebook_without_cells", {}),
        (b'{"cells": [{"cell_type": "code"}, 5]}', "notebook_bad_cell", {"cell": 2}),
        (b'{"cells": [{"source": "a"}]}', "notebook_bad_cell", {"cell": 1}),
        (notebook([code("a"), code("b") | {"source": 5}]), "cell_without_source", {"cell": 2}),
        (notebook([code("a") | {"source": [["b"]]}]), "cell_without_source", {"cell": 1}),
        (b'{"cells": [], "x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "notebook_nested_too_deep", {}),
        (b"[" * 100_000, "notebook_nested_too_deep", {}),
        (
            notebook([code("a")], {"kernelspec": {"name": "ir", "language": "R"}}),
            "notebook_other_language",
            {"language": "R"},
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_what_is_no_notebook_is_named(data: bytes, expected: str, facts: dict[str, str | int]) -> None:
    """Each kind of unreadable file has a code of its own, and facts that help to mend it."""
    error = refusal(data)
    assert error.code == expected
    assert facts.items() <= error.facts.items()


@pytest.mark.parametrize(
    "metadata",
    [
        {},
        {"kernelspec": {"name": "conda-env-torch-py", "display_name": "torch"}},
        {"kernelspec": {"name": "python3", "language": "Python"}},
        {"kernelspec": {"name": "x", "language": "R"}, "language_info": {"name": "python"}},
    ],
)
def test_a_strange_kernel_may_still_speak_python(metadata: dict[str, object]) -> None:
    """Only a notebook that names another language, and Python nowhere, is refused for it."""
    assert parse(notebook([code("a")], metadata)).cells


def test_huge_outputs_cost_nothing() -> None:
    """Outputs are skipped, not parsed: a file of them beyond every cap is still read."""
    data = notebook([code("a")]).replace(b'"outputs": []', b'"outputs": [' + b"[]," * 4_000_000 + b"[]]")
    assert len(data) > foreign.MENDABLE_BYTES
    assert parse(data).cells[0].source == "a"


def test_a_large_file_is_not_mended() -> None:
    """What takes many times its size to parse is only told where it breaks."""
    padding = b" " * foreign.MENDABLE_BYTES
    assert refusal(b'{"cells": [],\n' + padding + b"NaN}").facts["line"] == 2
    assert refusal(b'{"cells": [],\n' + padding).code == "notebook_cut_off"
    assert refusal(b'{"cells": 5, "x": "' + padding + b'"}').code == "notebook_is_other_json"


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ([{"cell_type": "raw"}] * (reader.MAX_CELLS + 1), "notebook_has_too_many_cells"),
        ([{"cell_type": "raw"}] * (20 * reader.MAX_CELLS + 1), "notebook_has_too_many_cells"),
        ([code("a" * 300_000)] * 2, "notebook_has_too_much_code"),
        ([text("x"), code(["a"] * 3_000_000)], "cell_too_large"),
    ],
)
def test_caps(cells: list[dict[str, Any]], expected: str) -> None:
    """What would take a grader's memory or minutes is refused by name."""
    assert refusal(notebook(cells)).code == expected


def test_any_exception_of_a_library_is_the_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever nbformat raises is reported about the file, not as a crash of ours."""
    for error in (AttributeError, KeyError, TypeError, ValueError, RecursionError, MemoryError):

        def broken(*_: object, error: type[Exception] = error, **__: object) -> None:
            raise error

        monkeypatch.setattr("nbformat.reads", broken)
        expected = {
            RecursionError: "notebook_nested_too_deep",
            MemoryError: "notebook_too_complex",
        }
        older = older_notebook([{"cell_type": "code", "input": "a"}])
        assert refusal(older).code == expected.get(error, "notebook_bad_format")


def test_a_regular_file_is_read(tmp_path: Path) -> None:
    """Up to the limit and no further, in bytes."""
    path = tmp_path / "a.ipynb"
    path.write_bytes(b"12345")
    assert read_file(path, 5) == b"12345"
    with pytest.raises(UnreadableNotebook, match="notebook_too_large") as caught:
        read_file(path, 4)
    assert caught.value.facts == {"size_mib": 1, "limit_mib": 1}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes and free links are Unix's")
def test_what_is_no_regular_file_is_refused(tmp_path: Path) -> None:
    """Links are not followed, pipes are not waited for, folders are not read."""
    (tmp_path / "real").write_bytes(b"secret")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    os.mkfifo(tmp_path / "pipe")
    expected = {"link": "link", "dangling": "link", "pipe": "special", "": "folder"}
    for name, kind in expected.items():
        with pytest.raises(UnreadableNotebook, match="not_a_file") as caught:
            read_file(tmp_path / name, 100)
        assert caught.value.facts == {"kind": kind}
    for name in ("missing", "real/below", "nul\0"):
        with pytest.raises(UnreadableNotebook, match="file_missing"):
            read_file(tmp_path / name, 100)


@pytest.mark.parametrize("number", [errno.EACCES, errno.EIO, errno.EMFILE])
def test_what_the_machine_does_not_let_us_read_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """That is another matter than a file that is no notebook."""

    def opened(*_: object) -> int:
        raise OSError(number, os.strerror(number))

    (tmp_path / "a.ipynb").touch()
    monkeypatch.setattr(os, "open", opened)
    with pytest.raises(UnreadableNotebook, match="file_not_readable") as caught:
        read_file(tmp_path / "a.ipynb", 100)
    assert caught.value.facts == {"why": os.strerror(number)}


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="a socket in a folder is Unix's")
def test_what_takes_the_place_of_a_notebook_is_its_owners_matter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A socket, and a link that was put there after the look at it."""
    with socket.socket(socket.AF_UNIX) as made:
        monkeypatch.chdir(tmp_path)
        made.bind("socket")
    (tmp_path / "link").symlink_to("socket")
    (tmp_path / "file").touch()
    plain = os.lstat(tmp_path / "file")
    monkeypatch.setattr(os, "lstat", lambda path: plain)
    for name, kind in {"socket": "special", "link": "link"}.items():
        with pytest.raises(UnreadableNotebook, match="not_a_file") as caught:
            read_file(tmp_path / name, 100)
        assert caught.value.facts == {"kind": kind}


def test_importing_the_reader_is_cheap() -> None:
    """Who imports the reader does not wait for torch, nbgrader or nbformat."""
    program = (
        "import sys, autograder.submissions.plan\n"
        "print(*[name for name in ('torch', 'nbgrader', 'nbformat') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
