"""Graphs that make no sense are recognised before anybody reads them."""

from __future__ import annotations

import pytest

from autograder.evidence.graphs import Graph, without_unused
from autograder.wire.messages import Performed

RELU = Performed("relu", {"input": 0}, {}, ((2, 3),))
LINEAR = Performed("linear", {"input": 1, "weight": -1}, {}, ((2, 4),))


def graph(*operations: Performed, result: tuple[int, ...] = (2,)) -> Graph:
    return Graph(operations, result, ((4, 3),), (2, 3))


def test_values_know_who_made_them_and_their_shape() -> None:
    """The input and parameters were made by nobody."""
    whole = graph(RELU, LINEAR)
    assert [whole.producer(value) for value in (-1, 0, 1, 2)] == [None, None, 0, 1]
    assert [whole.shape(value) for value in (-1, 0, 1, 2)] == [(4, 3), (2, 3), (2, 3), (2, 4)]


@pytest.mark.parametrize(
    "claimed",
    [
        graph(LINEAR, RELU),  # takes what is made later
        graph(
            RELU, Performed("linear", {"input": 1, "weight": -2}, {}, ((2, 4),))
        ),  # a parameter that is not there
        graph(RELU, LINEAR, result=(3,)),
        graph(RELU, LINEAR, result=()),
        graph(Performed("relu", {"input": 99}, {}, ((2, 3),)), result=(1,)),
    ],
)
def test_a_claim_that_makes_no_sense_is_not_sound(claimed: Graph) -> None:
    """Another process may claim anything."""
    assert not claimed.is_sound()


def test_a_graph_is_sound_and_knows_its_opaque_step() -> None:
    """The first step without a term is named."""
    assert graph(RELU, LINEAR).is_sound()
    assert graph(RELU, LINEAR).unknown() == ""
    odd = Performed("torch.cumsum", {"inputs": (2,)}, {}, ((2, 4),))
    assert graph(RELU, LINEAR, odd, result=(3,)).unknown() == "torch.cumsum"


def test_a_digest_tells_graphs_apart() -> None:
    """By their steps, settings, wiring, results and sizes; the same graph has the same one."""
    leaky = [Performed("leaky_relu", {"input": 0}, {"negative_slope": slope}, ((2, 3),)) for slope in (0.1, 0.2)]
    elsewhere = Performed("relu", {"input": 1}, {}, ((2, 3),))
    others = [graph(one, result=(1,)) for one in (RELU, elsewhere, *leaky)]
    others += [graph(RELU, LINEAR), graph(RELU, LINEAR, result=(1,)), Graph((RELU, LINEAR), (2,), ((4, 9),), (2, 3))]
    assert len({one.digest for one in others}) == len(others)
    assert graph(RELU, LINEAR).digest == graph(RELU, LINEAR).digest


def test_what_nobody_uses_is_left_out_and_numbers_close_up() -> None:
    """Dead branches go, and with them their numbers."""
    dead = Performed("tanh", {"input": 0}, {}, ((2, 3),))
    after = Performed("linear", {"input": 2, "weight": -1}, {}, ((2, 4),))
    live = Performed("relu", {"input": 0}, {}, ((2, 3),))
    operations, result = without_unused([dead, live, after], [3])
    assert [one.term for one in operations] == ["relu", "linear"]
    assert operations[1].operands == {"input": 1, "weight": -1}
    assert result == [2]
