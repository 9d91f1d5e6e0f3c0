"""What ``run_autograder`` runs in Gradescope's container: grade one submission, write ``results/results.json``.

What is printed goes to instructors alone. Whatever fails through a fault of ours leaves a file without a score, which
Gradescope shows as an error and never as a zero.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

from autograder.course.config import find_course
from autograder.process.scratch import ScratchFolder
from autograder.results import write_atomically
from autograder.submissions.found import SUBMITTED

STUDENT = "submission"
_GRADER = [sys.executable, "-P", "-c", "from autograder.cli import main; main()"]
_FAULT = "This could not be graded, through no fault of yours. Your instructor can see why."


def main(root: Path) -> int:
    """Grade ``root/submission``; 0, whatever it holds, for anything else is a failed autograder to Gradescope."""
    results = root / "results" / "results.json"
    try:
        with ScratchFolder() as folder:
            data = _graded(root / "submission", folder)
    except Exception as error:  # noqa: BLE001 -- a traceback is no result
        print(f"fault of the autograder: {type(error).__name__}: {error}")
        data = None
    if data is None:
        data = json.dumps({"output": _FAULT, "visibility": "visible", "stdout_visibility": "hidden"}).encode()
    write_atomically(results, data)
    return 0


def _graded(submission: Path, folder: Path) -> bytes | None:
    """``results.json``, or None if there is no grade through a fault of ours."""
    (assignment,) = find_course(Path.cwd()).assignments()
    handed_in = folder / SUBMITTED / STUDENT / assignment
    handed_in.mkdir(parents=True)
    notebooks = [
        path for path in sorted(submission.rglob("*.ipynb")) if path.is_file() and not path.is_symlink()
    ]
    notebooks = [path for path in notebooks if not any(part.startswith(".") for part in path.parts)]
    if not notebooks:
        words = (
            "No notebook is among the files that you handed in. Hand in the .ipynb file that you worked in."
        )
        return json.dumps({"score": 0, "output": words, "visibility": "visible"}).encode()
    for path in notebooks:
        shutil.copy2(path, handed_in / path.name)
    out = folder / "graded"
    for command in (
        ["grade", assignment, str(folder / SUBMITTED), "--workers", "1", "--out", str(out)],
        ["export", assignment, "--to", "gradescope", "--out", str(out)],
    ):
        done = subprocess.run([*_GRADER, *command], check=False, stderr=subprocess.STDOUT)
        if done.returncode:
            print(f"grader {command[0]} ended with {done.returncode}")
            return None
    return (out / "export" / assignment / "gradescope" / f"{STUDENT}.json").read_bytes()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
