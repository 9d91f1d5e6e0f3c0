"""The hidden checks of dl1: what the layers and models compute, on weights and inputs drawn afresh."""

from torch import nn

from autograder.checks import assert_same_computation, assert_same_dropout, question

linear = question("linear")
dropout = question("dropout")
sequential = question("sequential")
custom_model = question("custom_model")


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


@linear.check(
    points=4,
    about={
        "ko": "linear_layer가 편향이 있는 10→5 선형 변환을 계산하는지",
        "en": "Whether linear_layer computes a linear map from 10 to 5, with a bias",
    },
)
def test_maps_ten_to_five(answer):
    assert_same_computation(answer.module("linear_layer"), nn.Linear(10, 5), input_shape=(10,))


@dropout.check(
    points=4,
    about={
        "ko": "dropout이 훈련할 때만, 절반을 버리는지",
        "en": "Whether dropout drops half, and only in training",
    },
)
def test_drops_half_in_training_only(answer):
    assert_same_dropout(answer.module("dropout"), nn.Dropout(0.5), input_shape=(50,))


@sequential.check(
    points=8,
    about={
        "ko": "드롭아웃을 뺀 나머지: 층, 크기, 활성화 함수",
        "en": "Everything but the dropout: layers, sizes and activations",
    },
)
def test_computes_what_was_asked(answer):
    assert_same_computation(answer.module("model"), mlp(nn.LogSoftmax(dim=1)), input_shape=(784,))


@sequential.check(
    points=4,
    about={
        "ko": "드롭아웃: 위치, 비율, 훈련과 평가",
        "en": "The dropout: where it is, its share, training and evaluation",
    },
)
def test_drops_a_fifth_after_the_first_relu(answer):
    assert_same_dropout(answer.module("model"), mlp(nn.LogSoftmax(dim=1)), input_shape=(784,))


@custom_model.check(
    points=8,
    about={
        "ko": "드롭아웃을 뺀 나머지: 층, 크기, 활성화 함수",
        "en": "Everything but the dropout: layers, sizes and activations",
    },
)
def test_computes_what_was_asked_as_a_class(answer):
    assert_same_computation(answer.module("model"), mlp(nn.Softmax(dim=1)), input_shape=(784,))


@custom_model.check(
    points=4,
    about={
        "ko": "드롭아웃: 위치, 비율, 훈련과 평가",
        "en": "The dropout: where it is, its share, training and evaluation",
    },
)
def test_drops_a_fifth_after_the_first_relu_as_a_class(answer):
    assert_same_dropout(answer.module("model"), mlp(nn.Softmax(dim=1)), input_shape=(784,))
