"""What a check holds of a student's work: proxies that ask, and never run or believe anything.

- ``verdict``: the one exception by which an answer is found wanting
- ``peer``: whoever answers: a confined runner, or a student's own process
- ``pause``: a peer that remembers, while one question is judged
- ``seeds``: hidden randomness, from the run's seed and the check's name
- ``literals``: values that were written down, read and never run
- ``proxies``: a module, a tensor, an optimizer of the student's, seen through the wire
- ``answer``: one question's answer: typed access by name
"""
