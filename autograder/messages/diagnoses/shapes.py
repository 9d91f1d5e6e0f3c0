"""Which wrong arithmetic, or which exchanged dimension, gives the shape that a student wrote down.

``{wrong}`` is the student's own arithmetic with its result, ``{rule}`` the right one in letters, ``{right}`` the same
in the layer's numbers and not worked out: that is the question.
"""

from __future__ import annotations

from autograder.messages.message import Message, _

SHAPES: dict[str, Message] = {
    # The size that a window leaves
    "shape_plus_one_forgotten": Message(
        _("`{name}`: dimension {dimension} is `{wrong}`. The + 1 at the end is missing."),
        _(
            "The division says how often the window moves on. The place where it starts is one more. The size is "
            "`{rule}`; with the numbers of this layer, `{right}`."
        ),
    ),
    "shape_padding_counted_once": Message(
        _("`{name}`: dimension {dimension} is `{wrong}`. The padding is counted once."),
        _(
            "Padding is added on both sides of a dimension, so it counts twice. The size is `{rule}`; with the "
            "numbers of this layer, `{right}`."
        ),
    ),
    "shape_padding_forgotten": Message(
        _("`{name}`: dimension {dimension} is `{wrong}`. The padding is not counted."),
        _(
            "Padding makes the input larger on both sides before the window moves over it. The size is `{rule}`; "
            "with the numbers of this layer, `{right}`."
        ),
    ),
    "shape_output_padding_forgotten": Message(
        _("`{name}`: dimension {dimension} is `{wrong}`. The output padding is not counted."),
        _(
            "`output_padding` makes the output larger, on one side. The size is `{rule}`; with the numbers of this "
            "layer, `{right}`."
        ),
    ),
    "shape_simplified_formula": Message(
        _("`{name}`: dimension {dimension} is `{wrong}`, by a simplified formula that does not hold here."),
        _(
            "`(n − k + p)/s` is found in many texts. It counts the padding on one side only, knows no dilation and "
            "leaves out the place where the window starts. The size is `{rule}`; with the numbers of this layer, "
            "`{right}`."
        ),
    ),
    "shape_stride_forgotten": Message(
        _("`{name}`: dimension {dimension} is `{wrong}`, as if the window moved by 1."),
        _(
            "With a larger stride the window skips places, and the output becomes smaller. The size is `{rule}`; "
            "with the numbers of this layer, `{right}`."
        ),
    ),
    "shape_pool_stride_taken_as_one": Message(
        _(
            "`{name}`: dimension {dimension} is `{wrong}`, as if the window moved by 1. Its stride is {stride}."
        ),
        _(
            "A pooling layer that is given no stride moves by the size of its window, unlike a convolution, which "
            "moves by 1. The size is `{rule}`; with the numbers of this layer, `{right}`."
        ),
    ),
    "shape_window_taken_for_stride": Message(
        _(
            "`{name}`: dimension {dimension} is `{wrong}`, as if the window moved by its own size. Its stride is "
            "{stride}."
        ),
        _(
            "The size of the window is the stride of a pooling layer only if no other stride is given. The size is "
            "`{rule}`; with the numbers of this layer, `{right}`."
        ),
    ),
    "shape_dilation_forgotten": Message(
        _("`{name}`: dimension {dimension} is `{wrong}`. The dilation is not counted."),
        _(
            "A dilated window leaves gaps between the values it looks at, so it covers more than its own size: "
            "`d·(k − 1) + 1`. The size is `{rule}`; with the numbers of this layer, `{right}`."
        ),
    ),
    "shape_dilation_miscounted": Message(
        _("`{name}`: dimension {dimension} is `{wrong}`, as if the dilated window covered `d·k`."),
        _(
            "The gaps lie between the values that the window looks at, and there is one gap fewer than there are "
            "values: it covers `d·(k − 1) + 1`. The size is `{rule}`; with the numbers of this layer, `{right}`."
        ),
    ),
    "shape_rounded_up": Message(
        _("`{name}`: dimension {dimension} is `{wrong}`, which is rounded up."),
        _(
            "A last move for which the window has not enough left is not made: the division is rounded down. The "
            "size is `{rule}`; with the numbers of this layer, `{right}`."
        ),
    ),
    "shape_not_rounded": Message(
        _("`{name}`: the size in dimension {dimension} is not a whole number. It has to be rounded down."),
        _(
            "A last move for which the window has not enough left is not made. In Python, `//` divides and rounds "
            "down. The size is `{rule}`; with the numbers of this layer, `{right}`."
        ),
    ),
    "shape_window_forgotten": Message(
        _("`{name}`: dimension {dimension} is `{wrong}`, which does not depend on the size of the window."),
        _(
            "The window has to fit into the input as a whole, so that there are fewer places for a larger one. The "
            "size is `{rule}`; with the numbers of this layer, `{right}`."
        ),
    ),
    "shape_transposed_as_convolution": Message(
        _("`{name}`: dimension {dimension} is `{wrong}`, the size that an ordinary convolution would give."),
        _(
            "A transposed convolution goes the other way: where a convolution makes an input smaller, it makes it "
            "larger. Its size is `{rule}`; with the numbers of this layer, `{right}`."
        ),
    ),
    # Dimensions
    "shape_batch_and_channels_exchanged": Message(
        _("In `{name}`, the batch and the channels have changed places."),
        _(
            "The batch comes first and stays as large as it is, since each example is computed on its own. The "
            "channels follow it; a convolution has as many as it has filters."
        ),
    ),
    "shape_channels_last": Message(
        _("In `{name}`, the channels stand last."),
        _(
            "PyTorch has the order batch, channels, height, width. Other libraries and image files put the channels "
            "last."
        ),
    ),
    "shape_input_channels_kept": Message(
        _("`{name}` has as many channels as the input, not as many as the layer gives."),
        _(
            "Each filter of a convolution looks at all channels of the input and gives one channel of the output. "
            "Look up which of the layer's arguments is the number of filters."
        ),
    ),
    "shape_pool_changes_channels": Message(
        _("`{name}` has another number of channels than the input. Pooling leaves the channels alone."),
        _(
            "A pooling layer looks at each channel on its own and only makes it smaller. It has no weights that could "
            "mix the channels."
        ),
    ),
    "shape_batch_forgotten": Message(
        _("`{name}` lacks the first dimension, the batch."),
        _(
            "A layer computes every example of a batch and keeps them apart. The batch stays the first dimension of "
            "the output, even where it is 1."
        ),
    ),
    "shape_batch_changed": Message(
        _("In `{name}`, the first dimension is not the batch of the input, which has {batch} in it."),
        _(
            "A layer computes every example of a batch on its own, so as many come out as went in, whatever the "
            "layer's settings are."
        ),
    ),
    "shape_batch_flattened": Message(
        _("In `{name}`, the batch is flattened as well."),
        _(
            "`nn.Flatten` begins at dimension 1 unless it is told otherwise: it makes one row of numbers of each "
            "example, and keeps the examples apart."
        ),
    ),
    "shape_of_input": Message(
        _("`{name}` is the shape of the input. The layer changes it."),
        _(
            "Follow the input through the layer, dimension by dimension: which stay, and which does the layer decide "
            "by its settings?"
        ),
    ),
    "shape_of_weight": Message(
        _("`{name}` is the shape of the layer's weight, not that of its output."),
        _(
            "The weight is what the layer has learned, and it is the same for any input. The output has a dimension "
            "for the batch, which the weight does not know."
        ),
    ),
    "shape_linear_flattens": Message(
        _(
            "In `{name}`, dimensions between the first and the last are gone, as if `nn.Linear` flattened its input."
        ),
        _(
            "A linear layer works on the last dimension alone, and does so at every place of the others, which stay "
            "as they are. Flattening is a layer of its own."
        ),
    ),
    "shape_layers_taken_for_directions": Message(
        _("In `{name}`, the last dimension counts the hidden values of all {layers} layers."),
        _(
            "Layers are stacked: each reads what the one below it gives, and the output is that of the topmost alone. "
            "Only the two directions of a bidirectional layer stand side by side in it."
        ),
    ),
    "shape_directions_forgotten": Message(
        _("In `{name}`, the last dimension counts the hidden values of one direction only."),
        _(
            "A bidirectional layer reads the sequence from both ends, and its output has what both found, side by side."
        ),
    ),
    "shape_state_for_output": Message(
        _("`{name}` is the shape of the last states, not that of the output."),
        _(
            "A recurrent layer gives two things: its output, which has the values of the topmost layer at every step "
            "of the sequence, and the states that every layer is left with after the last step."
        ),
    ),
    "shape_last_step_only": Message(
        _("`{name}` has no dimension for the steps of the sequence."),
        _(
            "The output of a recurrent layer has the values of every step, not of the last one alone. Keeping only "
            "the last is a step of your own, which many models take afterwards."
        ),
    ),
    "shape_batch_and_time_exchanged": Message(
        _("In `{name}`, the batch and the steps of the sequence have changed places."),
        _(
            "The output has the order of the input: (batch, steps, features) with `batch_first=True`, else (steps, "
            "batch, features)."
        ),
    ),
}
