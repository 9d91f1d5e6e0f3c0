"""What a check holds of a student's work: proxies that ask, and never run or believe anything.

- ``verdict``: the one exception by which an answer is found wanting
- ``peer``: whoever answers: a confined runner, or a student's own process
- ``seeds``: hidden randomness, from the run's seed and the check's name
- ``surroundings``: the source around an answer
- ``literals``: values that were written down, read and never run
- ``graphs``: what a forward pass did, in canonical terms; the student process's word
- ``arguments``, ``canonical_order``, ``normal_form``: one way to write what can be written in many
- ``labels``: operations in a few words
- ``proxies``: a module, a tensor, an optimizer of the student's, seen through the wire
- ``answer``: one question's answer: typed access by name
"""
