"""What authors of checks import.

    from torch import nn
    from autograder.checks import question, assert_same_computation

    sequential = question("sequential")

    @sequential.check(points=8)
    def test_computes_what_was_asked(answer):
        assert_same_computation(answer.module("model", type=nn.Sequential), mlp(), input_shape=(784,))

A check is an ordinary pytest test of one argument, ``answer``; it passes by returning. What is expected is
stated as plain PyTorch. An assertion raises the verdict with what was expected and what was found, so that a
check needs no ``if``; a plain ``assert`` counts as well, and its message is shown. Any other exception that
is not the student's own is a fault of the check: the submission is then ungraded, never zero.
"""

from autograder.checks.computation import assert_same_computation
from autograder.checks.dropout import assert_same_dropout
from autograder.checks.dropped import assert_dropped
from autograder.checks.optimizers import assert_same_optimizer
from autograder.checks.questions import Question, question
from autograder.checks.statistics import assert_same_statistics
from autograder.checks.values import assert_close, assert_maps, assert_output_of, assert_shape
from autograder.evidence.answer import Answer
from autograder.evidence.proxies import LiteralProxy, ModuleProxy, OptimizerProxy, TensorProxy

__all__ = [
    "Answer",
    "LiteralProxy",
    "ModuleProxy",
    "OptimizerProxy",
    "Question",
    "TensorProxy",
    "assert_close",
    "assert_dropped",
    "assert_maps",
    "assert_output_of",
    "assert_same_computation",
    "assert_same_dropout",
    "assert_same_optimizer",
    "assert_same_statistics",
    "assert_shape",
    "question",
]
