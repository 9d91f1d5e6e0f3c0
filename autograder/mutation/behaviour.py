"""Does a mutant that no check caught still do what the reference does?

Both are run here, and the names that the question asks for are compared: values by what they are, tensors by their
numbers, modules by their outputs on shared weights, in training and evaluation, optimizers by where they move
parameters. This knows nothing of the checks: a check that looks at too little is not excused by it.

A mutant is the course's own code with a slip in it. It is only run here after it ran to its end in the sandbox.
"""

from __future__ import annotations

import copy
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from autograder.course.assignment import Assignment, Question

SEED = 20
SCALES = (1.0, 30.0)  # some functions differ on large numbers only
GRADIENTS = (1.0, 1.0, 1.0, *[0.01] * 100)  # of each step: some settings show when gradients become small
ROWS, STEP_COUNT, SIDE = 4, 7, 32  # of inputs: examples, steps of a sequence, places along a side


def equivalent(
    assignment: Assignment, question: Question, mutant: str, foundations: Sequence[Question]
) -> bool:
    """Whether the cell ``mutant`` binds what the question's reference binds; False where that cannot be told."""
    with _one_thread():
        try:
            found = _run(assignment, question, mutant, foundations)
            wanted = _run(assignment, question, question.reference, foundations)
        except Exception:  # noqa: BLE001 - the course's own code, with a slip in it
            return False
        return all(
            name in found and name in wanted and _same(wanted[name], found[name]) for name in question.defines
        )


@contextmanager
def _one_thread() -> Iterator[None]:
    """Torch's threads wait for each other by spinning: on a busy machine many small steps take minutes with two."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def _run(
    assignment: Assignment, question: Question, source: str, foundations: Sequence[Question]
) -> Mapping[str, object]:
    """What the notebook binds after this question, answered by ``source``; of those before it, ``foundations`` are."""
    answers = {one.id: one.reference for one in foundations} | {question.id: source}
    given = {cell.id: cell.source for cell in assignment.given}
    cells = [cell.source for cell in assignment.given if cell.question is None]
    last = assignment.questions.index(question)
    for one in assignment.questions[: last + 1]:
        cells += [given[cell] for cell in one.given_cells]
        if one.id in answers:
            cells.append(answers[one.id])
    bound: dict[str, object] = {"__name__": "__main__"}
    with torch.random.fork_rng(devices=()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.manual_seed(SEED)
        for cell in cells:
            exec(compile(cell, "<answer>", "exec"), bound)
    return bound


def _same(wanted: Any, found: Any) -> bool:
    if isinstance(wanted, type) and isinstance(found, type):  # a class is judged by its objects
        return [one.__name__ for one in wanted.__mro__] == [one.__name__ for one in found.__mro__]
    if _kind(wanted) != _kind(found):
        return False
    match wanted:
        case nn.Module():
            return _same_module(wanted, found)
        case Optimizer():
            return _same_moves(wanted, found)
        case Tensor():
            return wanted.requires_grad == found.requires_grad and _close(wanted, found)
        case dict():
            return wanted.keys() == found.keys() and all(_same(wanted[key], found[key]) for key in wanted)
        case list() | tuple():
            return len(wanted) == len(found) and all(map(_same, wanted, found))
        case bool() | int() | float() | str() | None:
            return bool(wanted == found)
    return False


def _kind(value: object) -> str:
    return f"{type(value).__module__}.{type(value).__qualname__}"


def _close(wanted: Tensor, found: Tensor) -> bool:
    return (
        wanted.shape == found.shape
        and wanted.dtype == found.dtype
        and torch.allclose(wanted, found, rtol=1e-5, atol=1e-6, equal_nan=True)
    )


def _same_module(wanted: nn.Module, found: nn.Module) -> bool:
    """Same outputs, and same buffers afterwards, for every input that the reference takes."""
    if wanted.training != found.training:
        return False
    state = _redrawn(wanted.state_dict())
    names = found.state_dict().keys()
    if names != state.keys():  # a Sequential numbers its parts: then order decides
        if len(names) != len(state):
            return False
        renamed = dict(zip(names, state.values(), strict=True))
    else:
        renamed = state
    try:
        wanted.load_state_dict(state)
        found.load_state_dict(renamed)
    except RuntimeError:
        return False
    taken = 0
    for inputs in _inputs(wanted):
        for training in (False, True):
            try:
                expected = _passed(wanted, inputs, training)
            except Exception:  # noqa: BLE001 - this module takes other inputs
                break
            taken += 1
            try:
                if not _all_close(expected, _passed(found, inputs, training)):
                    return False
            except Exception:  # noqa: BLE001 - the mutant's own
                return False
    return taken > 0


def _redrawn(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Numbers that hide nothing: a fresh normalisation's means of 0 and variances of 1 would."""
    generator = torch.Generator().manual_seed(SEED)
    drawn = {}
    for name, tensor in state.items():
        if not tensor.is_floating_point():
            drawn[name] = tensor.clone()
        elif tensor.ndim < 2:
            drawn[name] = 0.2 + torch.rand(tensor.shape, generator=generator)  # a variance is positive
        else:
            drawn[name] = torch.randn(tensor.shape, generator=generator) / max(tensor[0].numel(), 1) ** 0.5
    return drawn


def _passed(module: nn.Module, inputs: Tensor, training: bool) -> list[Tensor]:
    """Outputs, and all buffers after the pass; the module itself is left alone."""
    module = copy.deepcopy(module).train(training)
    with torch.random.fork_rng(devices=()), torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.manual_seed(SEED)
        outputs = list(_tensors(module(inputs.clone())))
    return [*outputs, *(buffer for _, buffer in sorted(module.named_buffers()))]


def _tensors(output: object) -> Iterator[Tensor]:
    match output:
        case Tensor():
            yield output
        case tuple() | list():
            for one in output:
                yield from _tensors(one)
        case _:
            raise TypeError(f"a module that returns {type(output).__name__}")


def _all_close(wanted: Sequence[Tensor], found: Sequence[Tensor]) -> bool:
    return len(wanted) == len(found) and all(map(_close, wanted, found))


def _inputs(module: nn.Module) -> Iterator[Tensor]:
    """What a module may take: real numbers, and where it has an embedding whole ones."""
    for shape in _shapes(module):
        for scale in SCALES:
            yield scale * (2 * torch.rand(shape, generator=torch.Generator().manual_seed(SEED)) - 1)
    embeddings = [one for one in module.modules() if isinstance(one, nn.Embedding | nn.EmbeddingBag)]
    if embeddings:
        below = min(one.num_embeddings for one in embeddings)
        for shape in ((ROWS, STEP_COUNT), (ROWS,)):
            yield torch.randint(below, shape, generator=torch.Generator().manual_seed(SEED))


def _shapes(module: nn.Module) -> Iterator[tuple[int, ...]]:
    """Inputs that a module may take: those for which its first weights are made, or any if it has none."""
    weights = next((one for one in module.parameters() if one.ndim > 1), None)
    of_channels = next((one for one in module.state_dict().values() if one.ndim == 1), None)
    width = weights.shape[1] if weights is not None else 6 if of_channels is None else of_channels.shape[0]
    if weights is None or weights.ndim == 2:
        yield (ROWS, width)
        yield (ROWS, STEP_COUNT, width)
    for dimensions in (1, 2, 3):
        if weights is None or weights.ndim == 2 + dimensions:
            yield (ROWS, width, *[SIDE] * dimensions)


def _same_moves(wanted: Optimizer, found: Optimizer) -> bool:
    """From the same start and on the same gradients, the same parameters go the same way."""
    both = (wanted, found)
    parameters = [[one for group in optimizer.param_groups for one in group["params"]] for optimizer in both]
    if not _all_close(*parameters):
        return False
    for step, size in enumerate(GRADIENTS):
        for own, optimizer in zip(parameters, both, strict=True):
            for place, one in enumerate(own):
                generator = torch.Generator().manual_seed(SEED + 1000 * step + place)
                one.grad = size * torch.randn(one.shape, generator=generator)
            optimizer.step()
    return _all_close(*parameters)
