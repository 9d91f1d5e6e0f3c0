"""The public checks of cnn: students may read them and run them on their own notebook."""

import pytest
from torch import nn
from torch.nn.functional import cross_entropy

from autograder.checks import assert_close, assert_maps, assert_shape, question

stages = question("stages")
norm = question("norm")
pooling = question("pooling")
block = question("block")
model = question("model")
step = question("step")


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
        pytest.param("conv1", nn.Conv2d(3, 12, kernel_size=5), (4, 3, 32, 32), id="conv1"),
        pytest.param("norm", nn.BatchNorm2d(12), (4, 12, 28, 28), id="norm"),
    ],
)
def test_predicted_shape(answer, case, layer, input_shape):
    assert_shape(answer.literal("predicted_shapes")[case], of=layer, input_shape=input_shape)


@norm.check(
    points=4,
    about={
        "ko": "train_output이 이 배치의 평균과 분산으로 정규화한 값인지",
        "en": "Whether train_output is normalised by the mean and variance of this batch",
    },
)
def test_training_normalises_by_the_batch(answer):
    pictures = answer.given("pictures")
    layer = nn.BatchNorm2d(4)
    assert_close(
        answer.tensor("train_output"),
        layer(pictures),
        unless={"computed_in_other_mode": nn.BatchNorm2d(4).eval()(pictures)},
    )


@norm.check(
    points=4,
    about={
        "ko": "eval_output이 훈련하면서 보관한 값으로 정규화한 값인지",
        "en": "Whether eval_output is normalised by what was kept in training",
    },
)
def test_evaluation_normalises_by_what_was_kept(answer):
    pictures = answer.given("pictures")
    layer = nn.BatchNorm2d(4)
    in_training = layer(pictures)
    assert_close(
        answer.tensor("eval_output"),
        layer.eval()(pictures),
        unless={"computed_in_other_mode": in_training},
    )


@pooling.check(
    points=3,
    about={
        "ko": "small_vectors가 small의 채널마다의 평균인지",
        "en": "Whether small_vectors holds the mean of every channel of small",
    },
)
def test_means_of_the_small_pictures(answer):
    assert_close(answer.tensor("small_vectors"), answer.given("small").mean(dim=(2, 3)))


@block.check(
    points=4,
    about={
        "ko": "block이 ResidualBlock의 객체이고, 들어온 모양 그대로 내놓는지",
        "en": "Whether block is an object of ResidualBlock that keeps the shape of what goes in",
    },
)
def test_keeps_the_shape(answer):
    assert_maps(answer.module("block", of="ResidualBlock"), input_shape=(16, 8, 8), output_shape=(16, 8, 8))


@model.check(
    points=4,
    about={
        "ko": "model이 SmallCNN의 객체이고, 그림 한 장마다 점수 10개를 내놓는지",
        "en": "Whether model is an object of SmallCNN that gives ten scores for each picture",
    },
)
def test_gives_ten_scores(answer):
    assert_maps(answer.module("model", of="SmallCNN"), input_shape=(3, 32, 32), output_shape=(10,))


@step.check(
    points=4,
    about={
        "ko": "loss_before가 훈련 모드에서 구한 교차 엔트로피인지",
        "en": "Whether loss_before is the cross-entropy in training mode",
    },
)
def test_loss_before_the_step(answer):
    net, images, labels = answer.given("net", type=nn.Module), answer.given("images"), answer.given("labels")
    assert_close(
        answer.tensor("loss_before"),
        cross_entropy(net.train()(images), labels),
        unless={
            "computed_in_other_mode": cross_entropy(net.eval()(images), labels),
            "softmax_before_cross_entropy": cross_entropy(net.train()(images).softmax(dim=1), labels),
        },
    )


@step.check(
    points=4,
    about={
        "ko": "한 걸음 뒤에 손실이 줄었는지",
        "en": "Whether the loss is lower after the step",
    },
)
def test_the_step_lowers_the_loss(answer):
    before, after = answer.tensor("loss_before"), answer.tensor("loss_after")
    assert before.value.numel() == after.value.numel() == 1, "loss_before, loss_after: 1"
    assert after.value.item() < before.value.item(), "loss_after >= loss_before"
