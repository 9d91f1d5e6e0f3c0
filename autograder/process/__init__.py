"""The process that grades.

- ``environment``: its Python and packages, as one digest
- ``interrupts``: Ctrl-C, and where it must wait
- ``pipes``: whether anybody still reads what a command says
- ``scratch``: temporary folders that go with it, however it ends
- ``state``: what a student's code and the checks share where one process is both ends
"""
