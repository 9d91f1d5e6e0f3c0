"""The checks of the two questions, 10 points."""

# mypy: disable-error-code="no-untyped-def"
# Check authors write no types.

from torch import nn

from autograder.checks import assert_output_of, assert_same_computation, assert_shape, question

layer, model = question("layer"), question("model")


@layer.check(points=2)
def test_maps(answer):
    assert_same_computation(answer.module("layer"), nn.Linear(4, 3), input_shape=(4,))


@layer.check(points=2)
def test_output(answer):
    assert_output_of(answer.tensor("y"), answer.module("layer"), answer.given("x"))


@layer.check(points=1)
def test_shape(answer):
    assert_shape(answer.tensor("y"), (1, 3))


@model.check(points=5)
def test_computes(answer):
    assert_same_computation(answer.module("model"), nn.Sequential(nn.Linear(4, 3), nn.ReLU()), input_shape=(4,))
