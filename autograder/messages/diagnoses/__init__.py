"""Diagnoses: why an answer is not right, where one explanation alone fits what was seen.

A finding says what was seen; a diagnosis names the mistake behind it, and is held to be true: each wrong
notebook of an assignment states its mistake, and ``grader verify`` counts a diagnosis that names another as a hole.
"""

from __future__ import annotations

from autograder.messages.diagnoses.dropout import DROPOUT
from autograder.messages.diagnoses.models import MODELS
from autograder.messages.diagnoses.optimizers import OPTIMIZERS
from autograder.messages.diagnoses.shapes import SHAPES
from autograder.messages.diagnoses.slips import SLIPS
from autograder.messages.diagnoses.steps import STEPS
from autograder.messages.diagnoses.tensors import TENSORS
from autograder.messages.diagnoses.values import VALUES

TABLES = (MODELS, STEPS, DROPOUT, SHAPES, TENSORS, VALUES, SLIPS, OPTIMIZERS)
DIAGNOSES = frozenset(code for table in TABLES for code in table)
