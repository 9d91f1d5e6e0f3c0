"""The public checks of dl1: students may read them and run them on their own notebook."""

import pytest
import torch
from torch import nn

from autograder.checks import (
    assert_close,
    assert_dropped,
    assert_maps,
    assert_output_of,
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


def assert_changed(answer, output, given):
    """Nothing that hands its input on unchanged, as an empty nn.Sequential does, is right anywhere here."""
    found, before = answer.tensor(output), answer.given(given)
    same = found.shape == tuple(before.shape) and bool((found.value == before).all())
    assert not same, f"{output} == {given}"


@linear.check(
    points=2,
    about={
        "ko": "output_tensor의 크기",
        "en": "The shape of output_tensor",
    },
)
def test_output_shape(answer):
    assert_shape(answer.tensor("output_tensor"), (1, 5))


@linear.check(
    points=2,
    about={
        "ko": "output_tensor가 linear_layer에 input_tensor를 넣은 결과인지",
        "en": "Whether output_tensor is what linear_layer gives for input_tensor",
    },
)
def test_output_comes_from_the_layer(answer):
    layer = answer.module("linear_layer")
    assert_output_of(answer.tensor("output_tensor"), layer, answer.given("input_tensor"))


@conv.check(
    points=2,
    about={
        "ko": "output_tensor의 크기",
        "en": "The shape of output_tensor",
    },
)
def test_convolved_shape(answer):
    assert_shape(answer.tensor("output_tensor"), (1, 16, 30, 30))


@conv.check(
    points=2,
    about={
        "ko": "output_tensor가 conv_layer에 input_tensor를 넣은 결과인지",
        "en": "Whether output_tensor is what conv_layer gives for input_tensor",
    },
)
def test_output_comes_from_the_convolution(answer):
    layer = answer.module("conv_layer")
    assert_output_of(answer.tensor("output_tensor"), layer, answer.given("input_tensor"))


@pool.check(
    points=2,
    about={
        "ko": "output_tensor의 크기",
        "en": "The shape of output_tensor",
    },
)
def test_pooled_shape(answer):
    assert_shape(answer.tensor("output_tensor"), (1, 16, 31, 31))


@pool.check(
    points=2,
    about={
        "ko": "output_tensor가 max_pool에 input_tensor를 넣은 결과인지",
        "en": "Whether output_tensor is what max_pool gives for input_tensor",
    },
)
def test_output_comes_from_the_pooling(answer):
    layer = answer.module("max_pool")
    assert_output_of(answer.tensor("output_tensor"), layer, answer.given("input_tensor"))


@lstm.check(
    points=2,
    about={
        "ko": "output_tensor의 크기",
        "en": "The shape of output_tensor",
    },
)
def test_shape_of_every_step(answer):
    assert_shape(answer.tensor("output_tensor"), (4, 7, 20))


@lstm.check(
    points=2,
    about={
        "ko": "output_tensor가 lstm_layer에 input_tensor를 넣은 결과인지",
        "en": "Whether output_tensor is what lstm_layer gives for input_tensor",
    },
)
def test_output_comes_from_the_lstm(answer):
    layer = answer.module("lstm_layer")
    assert_output_of(answer.tensor("output_tensor"), layer, answer.given("input_tensor"))


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
        pytest.param("linear", nn.Linear(12, 7), (4, 3, 12), id="linear"),
    ],
)
def test_predicted_shape(answer, case, layer, input_shape):
    assert_shape(answer.literal("predicted_shapes")[case], of=layer, input_shape=input_shape)


@activations.check(
    points=2,
    about={
        "ko": "sigmoid_output의 값",
        "en": "The values of sigmoid_output",
    },
)
def test_sigmoid(answer):
    x = answer.given("x")
    assert_close(answer.tensor("sigmoid_output"), 1 / (1 + (-x).exp()), of=x)


@activations.check(
    points=2,
    about={
        "ko": "tanh_output의 값",
        "en": "The values of tanh_output",
    },
)
def test_tanh(answer):
    x = answer.given("x")
    up, down = x.exp(), (-x).exp()
    assert_close(answer.tensor("tanh_output"), (up - down) / (up + down), of=x)


@activations.check(
    points=2,
    about={
        "ko": "relu_output의 값",
        "en": "The values of relu_output",
    },
)
def test_relu(answer):
    x = answer.given("x")
    assert_close(answer.tensor("relu_output"), x.clamp(min=0), of=x)


@dropout.check(
    points=3,
    about={
        "ko": "훈련 모드의 출력: 일부가 0이 되고 나머지는 커지는지",
        "en": "The output in training mode: some elements dropped, the others scaled up",
    },
)
def test_training_drops_half(answer):
    assert_dropped(answer.tensor("train_output"), answer.given("input_data"), p=0.5)


@dropout.check(
    points=3,
    about={
        "ko": "평가 모드의 출력이 훈련 모드와 달리 입력과 같은지",
        "en": "Whether the output in evaluation mode is the input, unlike the one in training mode",
    },
)
def test_evaluation_leaves_the_input_alone(answer):
    input_data = answer.given("input_data")
    assert_close(answer.tensor("eval_output"), input_data, of=input_data)
    assert_changed(answer, "train_output", "input_data")


@loss.check(
    points=3,
    about={
        "ko": "mse_loss가 차이의 제곱의 평균인지",
        "en": "Whether mse_loss is the mean of the squared differences",
    },
)
def test_mean_squared_error(answer):
    predictions, targets = answer.given("predictions"), answer.given("targets")
    assert_close(answer.tensor("mse_loss"), ((predictions - targets) ** 2).mean(), of=(predictions, targets))


@sequential.check(
    points=2,
    about={
        "ko": "model이 784개를 받아 10개를 내놓는 nn.Sequential인지",
        "en": "Whether model is an nn.Sequential that takes 784 numbers and gives 10",
    },
)
def test_is_a_sequential(answer):
    model = answer.module("model", type=nn.Sequential)
    assert_maps(model, input_shape=(784,), output_shape=(10,))


@custom_model.check(
    points=2,
    about={
        "ko": "CustomModel이 nn.Module의 하위 클래스이고, 784개를 받아 10개를 내놓는 model이 그 객체인지",
        "en": "Whether CustomModel is an nn.Module, and model an object of it that takes 784 numbers and gives 10",
    },
)
def test_is_an_object_of_its_class(answer):
    model = answer.module("model", of="CustomModel")
    assert_maps(model, input_shape=(784,), output_shape=(10,))


@optimizer.check(
    points=2,
    about={
        "ko": "sgd: 어느 매개변수를 얼마나 움직이는지",
        "en": "sgd: which parameters it moves, and how far",
    },
)
def test_sgd(answer):
    assert_same_optimizer(
        answer.optimizer("sgd"),
        lambda parameters: torch.optim.SGD(parameters, lr=0.01, momentum=0.9),
        of=answer.module("model", anywhere=True),
    )
