"""The hidden checks of cnn: what the layers and models compute, and what the step did to the network."""

import pytest
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from autograder.checks import (
    assert_close,
    assert_maps,
    assert_same_computation,
    assert_same_optimizer,
    assert_same_statistics,
    assert_shape,
    question,
)

stages = question("stages")
norm = question("norm")
pooling = question("pooling")
block = question("block")
model = question("model")
step = question("step")


def convolution(channels_in: int) -> nn.Module:
    return nn.Conv2d(channels_in, 16, kernel_size=3, padding=1, bias=False)


class Residual(nn.Module):
    """The activation of the sum of the input and what the layers make of it."""

    def __init__(self, *layers: nn.Module) -> None:
        super().__init__()
        self.layers = nn.Sequential(*layers)

    def forward(self, x):
        return torch.relu(x + self.layers(x))


def residual_block() -> nn.Module:
    return Residual(convolution(16), nn.BatchNorm2d(16), nn.ReLU(), convolution(16), nn.BatchNorm2d(16))


def small_cnn() -> nn.Module:
    return nn.Sequential(
        convolution(3),
        nn.BatchNorm2d(16),
        nn.ReLU(),
        nn.MaxPool2d(2),
        Residual(convolution(16), nn.BatchNorm2d(16)),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(16, 10),
    )


# Built once: what a reference computes is then worked out once for the whole class.
NORM = nn.BatchNorm2d(4)
POOL = nn.AdaptiveAvgPool2d(1)
BLOCK = residual_block()
MODEL = small_cnn()


@stages.check(
    points=2,
    about={
        "ko": "예측한 모양: {case}",
        "en": "The predicted shape: {case}",
    },
)
@pytest.mark.parametrize(
    ("case", "layer", "input_shape"),
    [
        pytest.param(case, layer, input_shape, id=case)
        for case, layer, input_shape in (
            ("pool", nn.MaxPool2d(kernel_size=2), (4, 12, 28, 28)),
            ("conv2", nn.Conv2d(12, 24, kernel_size=3, stride=2, padding=1), (4, 12, 14, 14)),
            ("add", nn.Identity(), (4, 24, 7, 7)),
            ("adaptive", nn.AdaptiveAvgPool2d(1), (4, 24, 7, 7)),
            ("flatten", nn.Flatten(), (4, 24, 1, 1)),
            ("linear", nn.Linear(24, 10), (4, 24)),
        )
    ],
)
def test_predicted_shape(answer, case, layer, input_shape):
    assert_shape(answer.literal("predicted_shapes")[case], of=layer, input_shape=input_shape)


@norm.check(
    points=4,
    about={
        "ko": "norm이 채널 4개를 채널마다 정규화하는지",
        "en": "Whether norm normalises each of 4 channels",
    },
)
def test_normalises_four_channels(answer):
    assert_same_computation(answer.module("norm"), NORM, input_shape=(4, 6, 6))


@norm.check(
    points=4,
    about={
        "ko": "norm이 훈련한 배치를 기억하는 방식",
        "en": "How norm keeps what it has seen in training",
    },
)
def test_keeps_running_statistics(answer):
    assert_same_statistics(answer.module("norm"), NORM, input_shape=(4, 6, 6))


@pooling.check(
    points=3,
    about={
        "ko": "wide_vectors가 wide의 채널마다의 평균인지",
        "en": "Whether wide_vectors holds the mean of every channel of wide",
    },
)
def test_means_of_the_wide_pictures(answer):
    assert_close(answer.tensor("wide_vectors"), answer.given("wide").mean(dim=(2, 3)))


@pooling.check(
    points=3,
    about={
        "ko": "pool이 그림을 평균 하나로 줄이는지: {case}",
        "en": "Whether pool turns a picture into one mean: {case}",
    },
)
@pytest.mark.parametrize("size", [pytest.param((8, 8), id="8-by-8"), pytest.param((5, 9), id="5-by-9")])
def test_pools_pictures_of_any_size(answer, size):
    assert_same_computation(answer.module("pool"), POOL, input_shape=(6, *size))


@block.check(
    points=12,
    about={
        "ko": "합성곱, 정규화, 활성화, 지름길",
        "en": "The convolutions, normalisations, activations and the shortcut",
    },
)
def test_adds_its_input(answer):
    assert_same_computation(answer.module("block"), BLOCK, input_shape=(16, 8, 8))


@block.check(
    points=2,
    about={
        "ko": "정규화 층이 훈련한 배치를 기억하는 방식",
        "en": "How its normalisations keep what they have seen in training",
    },
)
def test_block_keeps_running_statistics(answer):
    assert_same_statistics(answer.module("block"), BLOCK, input_shape=(16, 8, 8))


@model.check(
    points=12,
    about={
        "ko": "층, 활성화, 지름길, 풀링",
        "en": "The layers, activations, the shortcut and the pooling",
    },
)
def test_computes_what_was_asked(answer):
    assert_same_computation(answer.module("model"), MODEL, input_shape=(3, 32, 32))


@model.check(
    points=4,
    about={
        "ko": "크기가 다른 그림도 받는지",
        "en": "Whether it takes pictures of another size as well",
    },
)
def test_takes_pictures_of_another_size(answer):
    assert_maps(answer.module("model"), input_shape=(3, 20, 28), output_shape=(10,))


@model.check(
    points=2,
    about={
        "ko": "정규화 층이 훈련한 배치를 기억하는 방식",
        "en": "How its normalisations keep what they have seen in training",
    },
)
def test_model_keeps_running_statistics(answer):
    assert_same_statistics(answer.module("model"), MODEL, input_shape=(3, 32, 32))


def stepped(net, images, labels, *, cleared):
    """``net`` after one step of SGD; not ``cleared``, along the gradients that the given cell left as well."""
    if not cleared:
        (-2 * cross_entropy(net.train()(images), labels)).backward()
    cross_entropy(net.train()(images), labels).backward()
    torch.optim.SGD(net.parameters(), lr=0.1).step()
    return net


@step.check(
    points=4,
    about={
        "ko": "loss_after가 한 걸음 옮긴 뒤 다시 구한 손실인지",
        "en": "Whether loss_after is the loss computed anew after the step",
    },
)
def test_loss_after_the_step(answer):
    images, labels = answer.given("images"), answer.given("labels")

    def after(mode, *, cleared=True):
        net = stepped(answer.given("net", type=nn.Module), images, labels, cleared=cleared)
        return cross_entropy(net.train(mode)(images), labels)

    untouched = answer.given("net", type=nn.Module).train()
    assert_close(
        answer.tensor("loss_after"),
        after(True),
        unless={
            "gradients_not_cleared": after(True, cleared=False),
            "loss_unchanged": cross_entropy(untouched(images), labels),
            "computed_in_other_mode": after(False),
        },
    )


@step.check(
    points=4,
    about={
        "ko": "optimizer: 어느 매개변수를 얼마나 움직이는지",
        "en": "optimizer: which parameters it moves, and how far",
    },
)
def test_sgd(answer):
    assert_same_optimizer(
        answer.optimizer("optimizer"),
        lambda parameters: torch.optim.SGD(parameters, lr=0.1),
        of=answer.module("net", anywhere=True),
    )
