"""What ``grader verify --mutants`` says: which slips went unnoticed, and what became of all the others."""

from __future__ import annotations

from autograder.escaping import terminal_line
from autograder.mutation.listing import FILE_NAME, entry_of
from autograder.mutation.proof import MutantProof


def show(proof: MutantProof, seed: int) -> None:
    """Everything that must be mended, each with its diff, and one line of counts."""
    for hole in proof.holes:
        _show_lines(f"{hole.question}: {hole.problem}")
    for mutant in proof.survivors:
        place = f"survived: {mutant.question}, line {mutant.line} of its cell: {mutant.kind}"
        _show_lines(f"{place}\n{mutant.diff}")
    for entry in proof.stale:
        change = f"{entry.question}: {entry.before} ⟶ {entry.after}"
        _show_lines(f"{FILE_NAME} has an entry that explains no survivor. Take it out:\n{change}")
    if proof.survivors:
        first = proof.survivors[0]
        print(
            "A survivor is a wrong answer with full marks: mend the check that should have seen it, and put the wrong\n"
            f"answer into wrong/. Or is it as right as the reference? Then say why in {FILE_NAME}, beside the\n"
            "source notebook:\n"
        )
        _show_lines(entry_of(first, line=proof.has_twin(first)))
    raised = sum(one.raised for one in proof.caught)
    of = f"{proof.questions} question{'' if proof.questions == 1 else 's'}"
    print(
        f"{proof.mutants} mutants of {of}: {len(proof.caught)} caught "
        f"({raised} of them never ran to their end), {len(proof.alike)} do the same, "
        f"{len(proof.listed)} listed as equivalent, {len(proof.survivors)} survived; seed {seed}",
        flush=True,
    )


def _show_lines(text: str) -> None:
    """Lines of the course's own, which may hold anything."""
    for line in text.splitlines():
        print(terminal_line(line, 4000))
    print()
