"""The public checks of dl1: students may read them and run them on their own notebook."""

from torch import nn

from autograder.checks import assert_close, assert_dropped, assert_output_of, assert_shape, question

linear = question("linear")
dropout = question("dropout")
sequential = question("sequential")
custom_model = question("custom_model")


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
        "ko": "평가 모드의 출력이 입력과 같은지",
        "en": "Whether the output in evaluation mode is the input",
    },
)
def test_evaluation_leaves_the_input_alone(answer):
    assert_close(answer.tensor("eval_output"), answer.given("input_data"))


@sequential.check(
    points=2,
    about={
        "ko": "model이 nn.Sequential인지",
        "en": "Whether model is an nn.Sequential",
    },
)
def test_is_a_sequential(answer):
    answer.module("model", type=nn.Sequential)


@custom_model.check(
    points=2,
    about={
        "ko": "CustomModel이 nn.Module의 하위 클래스이고 model이 그 객체인지",
        "en": "Whether CustomModel is an nn.Module and model an object of it",
    },
)
def test_is_an_object_of_its_class(answer):
    answer.module("model", of="CustomModel")
