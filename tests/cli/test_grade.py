"""``grader grade``: what it writes, what it says, and with which code it exits."""

from __future__ import annotations

import errno
import os
import signal
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from autograder.engine import intake
from autograder.errors import IsolationMissing, SandboxError, UnreadableNotebook
from autograder.notebooks.notebook import read_file
from autograder.records.store import Record, Store, Written
from autograder.results import Finding, Outcome, Result, Ungraded, decode
from autograder.submissions.found import Found
from tests.cli.stub import World, result
from tests.submissions.test_found import keep_closed


def raising(error: BaseException) -> Callable[[Found], Result]:
    def grade(found: Found) -> Result:
        raise error

    return grade


def test_a_class_is_graded(here: World) -> None:
    """Every submission gets its files, the table names each, and the run exits with 0."""
    here.submit("kim", "lee")
    here.engine.grades["lee"] = lambda found: result(found, Outcome.PASSED, Outcome.TIMEOUT)
    code, out, err = here.grader("grade", "dl1")
    assert code == 0
    assert decode((here.root / "graded/results/dl1/lee.json").read_bytes()).score == 10
    assert (here.root / "graded/feedback/kim/dl1/dl1.html").is_file()
    assert (here.root / "graded/feedback/kim/dl1/dl1.md").is_file()
    assert "question2 -10 (timeout)" in out
    assert "2 of 2 graded" in out
    assert "2 passed, 1 timeout" in out
    assert str(here.root / "graded/results/dl1") in out
    assert err.splitlines() == ["1/2 kim: 10 / 10", "2/2 lee: 10 / 20"]


def test_what_hit_a_limit_is_told_with_numbers(here: World) -> None:
    """The instructor's table says which cell ran past which limit, and what the submission's processes took."""
    here.submit("kim")
    late = Finding("cell_timeout", facts={"cell": 7, "seconds": 10.0})

    def graded(found: Found) -> Result:
        plain = result(found, Outcome.TIMEOUT)
        check = msgspec.structs.replace(plain.questions[0].checks[0], findings=[late])
        question = msgspec.structs.replace(plain.questions[0], checks=[check])
        usage = {"processes": 2, "cpu_seconds": 9.81, "peak_mib": 312.4}
        return msgspec.structs.replace(plain, questions=[question], usage=usage)

    here.engine.grades["kim"] = graded
    _, out, _ = here.grader("grade", "dl1")
    said = " ".join(out.replace("│", " ").split())
    assert "cell 7: The cell was still running after 10 seconds and was stopped, it used 9.81 s of" in said
    assert "processor time, 312 MiB at most" in said


def test_a_course_that_nobody_has_handed_in_to_is_told_where_notebooks_go(here: World) -> None:
    """Nobody has misspelt a path: the course's own folder is not there yet."""
    code, _, err = here.grader("grade", "dl1")
    assert code == 2
    assert f"{here.root / 'submitted'}: is not there yet" in err
    assert "submitted/<student>/dl1/<notebook>.ipynb" in err


def test_options_reach_the_engine(here: World) -> None:
    """Workers, seed, language and the course's required layers are what was asked for."""
    here.submit("kim")
    (here.root / "grader.toml").write_text('[sandbox]\nrequire = ["seccomp"]')
    code, _, _ = here.grader(
        *("grade", "dl1", "submitted", "--workers", "3", "--seed", "7"),
        *("--lang", "en", "--engine", "local", "--out", "elsewhere"),
    )
    assert code == 0
    options = here.engine.options
    assert options is not None
    assert (options.workers, options.seed, options.language) == (3, 7, "en")
    assert options.require == {"seccomp"}
    assert (here.root / "elsewhere/results/dl1/kim.json").is_file()


def test_the_seed_is_new_each_time_and_shown(here: World) -> None:
    """Without --seed no two runs draw the same hidden inputs, and a run can be repeated."""
    here.submit("kim")
    seeds = set()
    for _ in range(3):
        _, out, _ = here.grader("grade", "dl1", "--force")
        assert here.engine.options is not None
        seeds.add(here.engine.options.seed)
        assert f"seed:     {here.engine.options.seed}" in out
    assert len(seeds) == 3


@pytest.mark.parametrize(
    "command",
    [("grade", "dl1"), ("report", "dl1"), ("similar", "dl1"), ("export", "dl1", "--to", "csv"), ("ci",)],
    ids=lambda command: command[0],
)
def test_an_empty_out_is_refused(here: World, command: tuple[str, ...]) -> None:
    """It would be the current folder, which nobody meant whose variable was not set."""
    here.submit("kim")
    before = sorted(here.root.rglob("*"))
    code, out, err = here.grader(*command, "--out", "")
    assert (code, out) == (2, "")
    assert "names no folder" in err
    assert sorted(here.root.rglob("*")) == before


@pytest.mark.parametrize(("percent", "expected"), [("50", 0), ("50.1", 1), ("0", 0), ("100", 1)])
def test_min_score_is_a_verdict(here: World, percent: str, expected: int) -> None:
    """A graded submission below --min-score exits with 1 and is named."""
    here.submit("kim", "lee")
    here.engine.grades["lee"] = lambda found: result(found, Outcome.PASSED, Outcome.FAILED)
    code, _, err = here.grader("grade", "dl1", "--min-score", percent)
    assert code == expected
    assert (f"below {percent} %: lee" in err) == (expected == 1)


def test_nothing_to_earn_reaches_no_min_score(here: World) -> None:
    """A score out of nothing passes no threshold."""
    here.submit("kim")
    here.engine.grades["kim"] = lambda found: msgspec.structs.replace(result(found), score=0.0, max_score=0.0)
    assert here.grader("grade", "dl1", "--min-score", "0")[0] == 1


def test_an_unreadable_file_is_the_students(here: World) -> None:
    """A file that cannot be read exits with 0, misses no --min-score, and is listed first."""
    here.submit("aaa", "kim")
    reason = Ungraded("notebook_is_python", "submission")
    here.engine.grades["kim"] = lambda found: result(found, ungraded=reason)
    code, out, _ = here.grader("grade", "dl1", "--min-score", "100")
    assert code == 0
    assert "Python" in out
    assert out.index("kim") < out.index("aaa")
    assert "1 of 2 graded; 1 could not be graded as handed in" in out


def refuse_to_open(here: World, student: str) -> None:
    """Has the machine keep the student's notebook to itself."""

    def reading(path: Path, max_bytes: int) -> bytes:
        if student in path.parts:
            raise UnreadableNotebook("file_not_readable", why="Permission denied")
        return read_file(path, max_bytes)

    here.monkeypatch.setattr(intake, "read_file", reading)


def test_a_file_that_the_machine_does_not_let_us_open_is_ours(here: World) -> None:
    """It exits with 2 and says which file and what to do; an earlier grade stays, and a page blames nobody."""
    here.submit("kim", "lee", "oh")
    here.grader("grade", "dl1", "submitted/kim", "submitted/lee")
    refuse_to_open(here, "kim")
    code, _, err = here.grader("grade", "dl1")
    assert code == 2
    said = "submitted/kim/dl1/dl1.ipynb: cannot be read (Permission denied). Mend its permissions, or the disk"
    assert f"kim: not graded again ({said}); its earlier result of 10 is kept" in err
    assert decode((here.root / "graded/results/dl1/kim.json").read_bytes()).score == 10
    refuse_to_open(here, "oh")
    assert here.grader("grade", "dl1", "--force")[0] == 2
    (here.root / "graded/results/dl1/oh.json").unlink()
    assert here.grader("grade", "dl1")[0] == 2
    ungraded = decode((here.root / "graded/results/dl1/oh.json").read_bytes()).ungraded
    assert ungraded is not None
    assert (ungraded.code, ungraded.fault) == ("grader_fault", "grader")


@pytest.mark.parametrize("arguments", [(), ("submitted/kim", "submitted/lee")], ids=["class", "students"])
def test_a_folder_that_may_not_be_read_keeps_nobody_from_a_grade(here: World, arguments: tuple[str, ...]) -> None:
    """It is named, as its student, and the run exits with 2."""
    here.submit("kim", "lee")
    keep_closed(here.monkeypatch, here.root / "submitted/kim")
    here.monkeypatch.setattr(os, "access", lambda path, mode: not str(path).endswith("kim"))
    code, out, err = here.grader("grade", "dl1", *arguments)
    assert code == 2
    assert "submitted/kim: cannot be read" in " ".join(out.replace("│", " ").split())
    assert err.splitlines()[-1] == "grader: ungraded by the grader's own fault: kim"
    assert "no notebook" not in err
    assert decode((here.root / "graded/results/dl1/lee.json").read_bytes()).score == 10


@pytest.mark.parametrize(
    "ours",
    [
        lambda found: result(found, ungraded=Ungraded("grader_fault", "grader", "the slot died")),
        lambda found: result(found, Outcome.PASSED, Outcome.GRADER_ERROR),
    ],
)
def test_our_fault_exits_with_two_and_keeps_the_rest(here: World, ours: Callable[[Found], Result]) -> None:
    """Work that is ungraded by our fault is named, the others' results are kept, --min-score says nothing."""
    here.submit("kim", "lee")
    here.engine.grades["kim"] = ours
    code, out, err = here.grader("grade", "dl1", "--min-score", "100")
    assert code == 2
    assert err.splitlines()[-1] == "grader: ungraded by the grader's own fault: kim"
    assert "1 ungraded by the grader's own fault" in out
    assert (here.root / "graded/results/dl1/lee.json").is_file()


def test_what_is_passed_over_is_told(here: World) -> None:
    """With what to do, also where nothing else is there to grade."""
    here.submit(".lee")
    (here.root / "submitted/oh").symlink_to(here.root / "submitted/.lee", target_is_directory=True)
    code, _, err = here.grader("grade", "dl1")
    assert code == 2
    links, hidden, _ = err.splitlines()
    assert links == "not looked at, because they are links: oh. Put what they lead to in their place"
    assert hidden == "not looked at, because their names begin with a dot: .lee. Rename those that are students'"


def test_a_fault_that_several_meet_is_told_once(here: World) -> None:
    """With who they are: three of a kind leave room for another kind."""
    here.submit("kim", "lee", "oh", "yun")
    here.engine.faults = dict.fromkeys(("kim", "lee", "oh"), "the check hangs\nTraceback") | {"yun": "no memory"}
    err = here.grader("grade", "dl1")[2]
    assert "\nfault of the grader or of a check:\nkim, lee, oh: the check hangs\nTraceback\n" in err
    assert "\nfault of the grader or of a check:\nyun: no memory\n" in err
    assert err.count("Traceback") == 1


def test_a_submission_that_the_engine_forgot_exits_with_two(here: World) -> None:
    """What never reported is not silently left out."""
    here.submit("kim", "lee")
    here.engine.grades["lee"] = lambda found: result(Found("kim", found.path))
    code, _, err = here.grader("grade", "dl1")
    assert (code, err.splitlines()[-1]) == (2, "grader: never graded: lee")


def test_a_missing_layer_exits_with_two_on_one_line(here: World) -> None:
    """An error of ours is one line on stderr, without a traceback."""
    here.submit("kim")
    here.engine.grades["kim"] = raising(IsolationMissing({"landlock": "no kernel"}))
    code, out, err = here.grader("grade", "dl1")
    assert (code, out) == (2, "")
    assert err.startswith("grader: required isolation is missing (landlock: no kernel)")
    assert err.count("\n") == 1


def test_a_bug_exits_with_two(here: World) -> None:
    """An exception nobody foresaw is no verdict: Python's own exit code would be one."""
    here.submit("kim")
    here.engine.grades["kim"] = raising(ZeroDivisionError())
    code, _, err = here.grader("grade", "dl1")
    assert code == 2
    assert "ZeroDivisionError" in err
    assert here.engine.closed


def test_what_ends_a_run_leaves_what_is_graded(here: World) -> None:
    """It is said how much that is, and that the same command goes on."""
    here.submit("kim", "lee", "oh")
    here.engine.grades["lee"] = raising(SandboxError("workers keep being lost"))
    code, out, err = here.grader("grade", "dl1")
    assert code == 2
    assert "kim" in out
    assert err.splitlines()[-2:] == [
        "1 of 3 are graded and kept; the same command goes on with the others",
        "grader: workers keep being lost",
    ]
    assert {file.name for file in (here.root / "graded").rglob("*.json")} == {"kim.json"}


def test_a_disk_that_is_full_leaves_the_count_of_the_class(here: World) -> None:
    """Of all who handed in, not of those who were written; who was at work counts as not graded."""
    here.submit("kim", "lee", "oh")
    plain = Store.write

    def write(store: Store, record: Record) -> Written:
        if record.result.student == "lee":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "lee.json")
        return plain(store, record)

    here.monkeypatch.setattr(Store, "write", write)
    code, out, err = here.grader("grade", "dl1")
    assert code == 2
    assert "1 of 3 graded; 0 could not be graded as handed in; 0 ungraded by the grader's own fault; 2 not " in out
    assert "No space left" in err


def test_an_interrupt_keeps_what_is_finished(here: World) -> None:
    """After Ctrl-C the finished results are on disk and in the table, and the workers are ended."""
    here.submit("kim", "lee", "oh")
    here.engine.grades["lee"] = raising(KeyboardInterrupt())
    code, out, err = here.grader("grade", "dl1")
    assert code == 130
    assert "interrupted: 1 of 3 are graded and kept" in err
    assert "kim" in out
    assert {file.name for file in (here.root / "graded").rglob("*.json")} == {"kim.json"}
    assert here.engine.closed


def test_a_run_that_is_terminated_ends_as_by_ctrl_c(here: World) -> None:
    """Its workers are ended with it, and what is finished is shown."""
    before = signal.signal(signal.SIGTERM, signal.SIG_DFL)

    def terminated(_: Found) -> Result:
        signal.raise_signal(signal.SIGTERM)
        raise AssertionError("it went on")

    here.submit("kim", "lee")
    here.engine.grades["lee"] = terminated
    try:
        code, _, err = here.grader("grade", "dl1")
    finally:
        signal.signal(signal.SIGTERM, before)
    assert (code, here.engine.closed) == (130, True)
    assert "interrupted: 1 of 2 are graded and kept" in err


def test_a_time_stamp_that_is_no_time_is_named(here: World) -> None:
    """Or late work would count as on time in silence."""
    (here.root / "grader.toml").write_text("[due]\ndl1 = 2026-10-01T23:59:00+09:00\n")
    here.submit("kim", "lee")
    stamp = here.root / "submitted" / "kim" / "dl1" / "timestamp.txt"
    assert stamp.parent.is_dir()
    stamp.write_text("2026-10-02 12:00:00 KST")
    code, _, err = here.grader("grade", "dl1")
    assert code == 0
    assert "timestamp.txt is no time: kim." in err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["grade"], "ASSIGNMENT"),
        (["grade", "dl1", "--engine", "dask"], "dask"),
        (["grade", "dl1", "--lang", "fr"], "fr"),
        (["grade", "dl1", "--min-score", "nan"], "percentage from 0 to 100"),
        (["grade", "dl1", "--min-score", "101"], "percentage from 0 to 100"),
        (["grade", "dl1", "--workers", "0"], "--workers"),
        (["grade", "dl1", "--seed", "-1"], "--seed"),
        (["grade", "dl"], "dl: no such assignment. Did you mean dl1?"),
        (["grade", "../dl1"], "no such assignment"),
        (["grade", "dl1", "nowhere"], "nowhere: No such file or directory"),
        (["nonsense"], "nonsense"),
    ],
)
def test_wrong_usage_exits_with_two(here: World, arguments: list[str], says: str) -> None:
    """What cannot be done is refused on stderr before anything is graded."""
    here.submit("kim")
    code, out, err = here.grader(*arguments)
    assert (code, out) == (2, "")
    assert says in err
    assert "Traceback" not in err
    assert not here.engine.students


def test_a_wrong_setting_exits_with_two_on_one_line(here: World) -> None:
    """The line names file, key and the way out."""
    (here.root / "grader.toml").write_text("[limits]\ncell_minutes = 1")
    code, _, err = here.grader("grade", "dl1")
    assert code == 2
    assert err == (
        f"grader: {here.root / 'grader.toml'}: limits.cell_minutes: is not a setting. "
        "Did you mean `limits.cell_seconds`, in seconds?\n"
    )


def test_an_out_that_cannot_be_written_is_found_before_grading(here: World) -> None:
    """A file in the way of --out is an error at once, not after the work."""
    here.submit("kim")
    (here.root / "file").touch()
    code, _, err = here.grader("grade", "dl1", "--out", "file")
    assert code == 2
    assert err.count("\n") == 1
    assert not here.engine.students


def test_student_text_cannot_draw_on_the_terminal(here: World) -> None:
    """Control and direction characters are made visible; markup and emoji codes stay text."""
    name = "[red]:smile:\x1b[2J\u202e\n"
    here.submit(name)
    reason = Ungraded("notebook_other_language", "submission", "", {"language": "\x07[/bold]\r"})
    here.engine.grades[name] = lambda found: result(found, ungraded=reason)
    code, out, err = here.grader("grade", "dl1")
    assert code == 0
    for text in (out, err):
        assert "[red]:smile:" in text
        assert "[2J⟨U+202E⟩⟨U+000A⟩" in text
        assert not set("\x1b\u202e\x07\r") & set(text)
    assert "[/bold]" in out


def test_several_notebooks_are_reported(here: World) -> None:
    """The run says which of a student's notebooks was graded."""
    here.submit("kim")
    (here.root / "submitted/kim/dl1/scratch.ipynb").touch()
    assert "kim: dl1.ipynb was graded, not scratch.ipynb" in here.grader("grade", "dl1")[1]


def test_a_large_class_has_a_short_table(here: World) -> None:
    """Beyond 200 rows the table shows those that need a person, and says how many are left out."""
    here.submit(*(f"s{number:03}" for number in range(205)))
    here.engine.grades["s204"] = lambda found: result(
        found, ungraded=Ungraded("notebook_empty", "submission")
    )
    _, out, _ = here.grader("grade", "dl1")
    assert "empty" in out
    assert "… and 5 more" in out


def test_a_course_is_found_from_below(here: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """From a folder below, defaults are the course's own and given paths are the folder's."""
    here.submit("kim")
    monkeypatch.chdir(here.root / "submitted")
    assert here.grader("grade", "dl1", "kim")[0] == 0
    assert (here.root / "graded/results/dl1/kim.json").is_file()
    assert not Path("graded").exists()


def test_without_a_course_nothing_is_graded(
    here: World, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Outside of any course the error says how to make one."""
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    code, _, err = here.grader("grade", "dl1")
    assert code == 2
    assert "make one: an empty grader.toml" in err
