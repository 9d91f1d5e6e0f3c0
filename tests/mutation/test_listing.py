"""equivalent.toml: what it says is understood, what it cannot mean is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.errors import ConfigError
from autograder.mutation.listing import entries, entry_of
from autograder.mutation.mutants import Mutant

REFERENCE = "if a:\n    x = f('é')\n    y = 1\n    x = f('é')"


def mutant(source: str) -> Mutant:
    return Mutant("linear", "a kind", REFERENCE, source)


@pytest.mark.parametrize(
    "source",
    [
        REFERENCE.replace("1", "2"),
        REFERENCE.replace("    y = 1\n", ""),
        REFERENCE.replace("y = 1", "y = 1\n    y = 1"),
        REFERENCE.replace("    x = f('é')\n    y = 1", "    y = 1\n    x = f('é')"),
        REFERENCE.replace("f('é')\n", "f('\\\\')\n"),
        REFERENCE.replace("f('é')\n", "'''é\n'''\n"),
    ],
)
@pytest.mark.parametrize("line", [True, False])
def test_what_is_proposed_explains_the_mutant(tmp_path: Path, source: str, line: bool) -> None:
    """An entry as it is proposed, with a reason, means its mutant, and no other."""
    path = tmp_path / "equivalent.toml"
    path.write_text(entry_of(mutant(source), line=line).replace('reason = ""', 'reason = "It is."'), "utf-8")
    (entry,) = entries(path)
    assert entry.explains(mutant(source))
    assert not entry.explains(mutant(REFERENCE.replace("1", "3")))
    assert not entry.explains(Mutant("conv", "a kind", REFERENCE, source))


def test_a_line_tells_two_places_apart(tmp_path: Path) -> None:
    """The same words changed alike elsewhere are another mutant."""
    before, _, after = REFERENCE.partition("\n    y")
    first, last = mutant(before.replace("f('é')", "0") + f"\n    y{after}"), mutant(REFERENCE[:-6] + "0")
    assert (first.line, last.line) == (2, 4)
    assert (first.before, first.after) == (last.before, last.after)
    path = tmp_path / "equivalent.toml"
    path.write_text(entry_of(last, line=True).replace('""', '"so"'), "utf-8")
    (entry,) = entries(path)
    assert entry.explains(last)
    assert not entry.explains(first)


def test_no_file_is_no_entry(tmp_path: Path) -> None:
    """An assignment need not have one."""
    assert entries(tmp_path / "equivalent.toml") == ()


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("equivalent = ", "file"),
        ("\udcff", "file"),
        ("[equal]", "equal"),
        ("[equivalent]", "equivalent"),
        ('[[equivalent]]\nquestion = "a"\nbefore = ""\nafter = ""', "equivalent"),
        ('[[equivalent]]\nquestion = "a"\nbefore = ""\nafter = ""\nreason = "r"\nlines = 1', "equivalent"),
        ('[[equivalent]]\nquestion = "a"\nbefore = ""\nafter = ""\nreason = " "', "equivalent, entry 1"),
    ],
)
def test_what_it_cannot_mean_is_refused(tmp_path: Path, text: str, key: str) -> None:
    """With the file, the key and the remedy."""
    path = tmp_path / "equivalent.toml"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(ConfigError) as caught:
        entries(path)
    assert (caught.value.path, caught.value.key) == (str(path), key)
    assert caught.value.remedy
