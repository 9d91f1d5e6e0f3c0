"""The language spoken between the trusted side and a runner, and nothing else.

``frames`` cuts a byte stream into messages, ``messages`` is their schema, ``tensors`` carries numbers; ``control`` is
what the fork server is told. What both ends do alike stands here too: ``recording`` a pass in canonical ``terms``,
steering it (``observers``), what learns from it (``gradients``).

Both ends import this package; it imports nothing of ours. Whatever a runner sends is data: it is
decoded against a fixed schema under fixed caps, and never unpickled, evaluated or executed.
"""
