"""The hidden checks of dl1: what the layers and models compute, on weights and inputs drawn afresh."""

import pytest
import torch
from torch import nn

from autograder.checks import (
    assert_close,
    assert_same_computation,
    assert_same_dropout,
    assert_same_optimizer,
    assert_shape,
    question,
)

linear = question("linear")
conv = question("conv")
pool = question("pool")
lstm = question("lstm")
shapes = question("shapes")
activations = question("activations")
dropout = question("dropout")
loss = question("loss")
sequential = question("sequential")
custom_model = question("custom_model")
optimizer = question("optimizer")


def mlp(last: nn.Module) -> nn.Sequential:
    return nn.Sequential(
        nn.Linear(784, 128),
        nn.ReLU(),
        nn.Dropout(0.2),
        nn.Linear(128, 64),
        nn.ReLU(),
        nn.Linear(64, 10),
        last,
    )


# Built once: what a reference computes is then worked out once for the whole class.
LINEAR_LAYER = nn.Linear(10, 5)
CONV_LAYER = nn.Conv2d(3, 16, kernel_size=3)
MAX_POOL = nn.MaxPool2d(kernel_size=2, stride=1)
LSTM_LAYER = nn.LSTM(10, 20, num_layers=2, batch_first=True)
DROPOUT = nn.Dropout(0.5)
SEQUENTIAL = mlp(nn.LogSoftmax(dim=1))
CUSTOM_MODEL = mlp(nn.Softmax(dim=1))


def adam(parameters):
    return torch.optim.Adam(parameters, lr=1e-3)


def rmsprop(parameters):
    return torch.optim.RMSprop(parameters, lr=1e-3)


@linear.check(
    points=4,
    about={
        "ko": "linear_layer가 편향이 있는 10→5 선형 변환을 계산하는지",
        "en": "Whether linear_layer computes a linear map from 10 to 5, with a bias",
    },
)
def test_maps_ten_to_five(answer):
    assert_same_computation(answer.module("linear_layer"), LINEAR_LAYER, input_shape=(10,))


@conv.check(
    points=4,
    about={
        "ko": "conv_layer의 채널, 커널, 보폭, 패딩, 편향",
        "en": "The channels, kernel, stride, padding and bias of conv_layer",
    },
)
def test_convolves_three_channels_into_sixteen(answer):
    assert_same_computation(answer.module("conv_layer"), CONV_LAYER, input_shape=(3, 12, 10))


@pool.check(
    points=2,
    about={
        "ko": "max_pool의 창 크기와 보폭",
        "en": "The window and the stride of max_pool",
    },
)
def test_keeps_the_largest_of_every_window(answer):
    assert_same_computation(answer.module("max_pool"), MAX_POOL, input_shape=(16, 8, 6))


@lstm.check(
    points=4,
    about={
        "ko": "lstm_layer의 크기, 층의 수, 차원의 순서",
        "en": "The sizes of lstm_layer, its number of layers and the order of its dimensions",
    },
)
def test_reads_batches_of_sequences_in_two_layers(answer):
    assert_same_computation(answer.module("lstm_layer"), LSTM_LAYER, input_shape=(7, 10))


@shapes.check(
    points=1,
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
            ("conv", nn.Conv2d(3, 8, kernel_size=5), (2, 3, 28, 28)),
            ("conv_padding", nn.Conv2d(3, 8, kernel_size=5, padding=2), (2, 3, 28, 28)),
            ("conv_stride", nn.Conv2d(1, 4, kernel_size=3, stride=2), (1, 1, 28, 28)),
            ("conv_dilation", nn.Conv2d(1, 4, kernel_size=3, dilation=2), (1, 1, 20, 20)),
            ("pool", nn.MaxPool2d(kernel_size=3, stride=2), (2, 8, 26, 26)),
            ("pool_default_stride", nn.MaxPool2d(kernel_size=3), (2, 8, 26, 26)),
            ("lstm", nn.LSTM(6, 9, num_layers=2, batch_first=True), (4, 12, 6)),
        )
    ],
)
def test_predicted_shape(answer, case, layer, input_shape):
    assert_shape(answer.literal("predicted_shapes")[case], of=layer, input_shape=input_shape)


@activations.check(
    points=2,
    about={
        "ko": "leaky_relu_output의 값",
        "en": "The values of leaky_relu_output",
    },
)
def test_leaky_relu(answer):
    x = answer.given("x")
    assert_close(answer.tensor("leaky_relu_output"), nn.LeakyReLU(negative_slope=0.01)(x), of=x)


@activations.check(
    points=2,
    about={
        "ko": "softmax_output의 값과 방향",
        "en": "The values of softmax_output, and the direction they add up in",
    },
)
def test_softmax(answer):
    x = answer.given("x")
    assert_close(answer.tensor("softmax_output"), torch.softmax(x, dim=1), of=x)


@activations.check(
    points=2,
    about={
        "ko": "log_softmax_output의 값과 방향",
        "en": "The values of log_softmax_output, and the direction they add up in",
    },
)
def test_log_softmax(answer):
    x = answer.given("x")
    assert_close(answer.tensor("log_softmax_output"), torch.log_softmax(x, dim=1), of=x)


@dropout.check(
    points=4,
    about={
        "ko": "dropout이 훈련할 때만, 절반을 버리는지",
        "en": "Whether dropout drops half, and only in training",
    },
)
def test_drops_half_in_training_only(answer):
    # 50 values in one sheet: nn.Dropout2d and its kin would drop all of them or none
    assert_same_dropout(answer.module("dropout"), DROPOUT, input_shape=(1, 50))


@loss.check(
    points=3,
    about={
        "ko": "ce_loss가 점수와 정답 번호 사이의 교차 엔트로피인지",
        "en": "Whether ce_loss is the cross-entropy between the scores and the right classes",
    },
)
def test_cross_entropy(answer):
    logits, classes = answer.given("logits"), answer.given("classes")
    assert_close(answer.tensor("ce_loss"), nn.CrossEntropyLoss()(logits, classes), of=(logits, classes))


@sequential.check(
    points=8,
    about={
        "ko": "드롭아웃을 뺀 나머지: 층, 크기, 활성화 함수",
        "en": "Everything but the dropout: layers, sizes and activations",
    },
)
def test_computes_what_was_asked(answer):
    assert_same_computation(answer.module("model"), SEQUENTIAL, input_shape=(784,))


@sequential.check(
    points=4,
    about={
        "ko": "드롭아웃: 위치, 비율, 훈련과 평가",
        "en": "The dropout: where it is, its share, training and evaluation",
    },
)
def test_drops_a_fifth_after_the_first_relu(answer):
    assert_same_dropout(answer.module("model"), SEQUENTIAL, input_shape=(784,))


@custom_model.check(
    points=8,
    about={
        "ko": "드롭아웃을 뺀 나머지: 층, 크기, 활성화 함수",
        "en": "Everything but the dropout: layers, sizes and activations",
    },
)
def test_computes_what_was_asked_as_a_class(answer):
    assert_same_computation(answer.module("model"), CUSTOM_MODEL, input_shape=(784,))


@custom_model.check(
    points=4,
    about={
        "ko": "드롭아웃: 위치, 비율, 훈련과 평가",
        "en": "The dropout: where it is, its share, training and evaluation",
    },
)
def test_drops_a_fifth_after_the_first_relu_as_a_class(answer):
    assert_same_dropout(answer.module("model"), CUSTOM_MODEL, input_shape=(784,))


@optimizer.check(
    points=2,
    about={
        "ko": "adam: 어느 매개변수를 얼마나 움직이는지",
        "en": "adam: which parameters it moves, and how far",
    },
)
def test_adam(answer):
    assert_same_optimizer(
        answer.optimizer("adam"),
        adam,
        of=answer.module("model", anywhere=True),
    )


@optimizer.check(
    points=2,
    about={
        "ko": "rmsprop: 어느 매개변수를 얼마나 움직이는지",
        "en": "rmsprop: which parameters it moves, and how far",
    },
)
def test_rmsprop(answer):
    assert_same_optimizer(
        answer.optimizer("rmsprop"),
        rmsprop,
        of=answer.module("model", anywhere=True),
    )
