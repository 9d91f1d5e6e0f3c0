"""Diagnoses: why an answer is not right, where one explanation alone fits what was seen.

A finding says what was seen; a diagnosis names the mistake behind it, and is held to be true: each wrong
notebook of an assignment states its mistake, and ``grader verify`` counts a diagnosis that names another as a hole.
"""

from __future__ import annotations

from .dropout import DROPOUT
from .models import MODELS
from .optimizers import OPTIMIZERS
from .shapes import SHAPES
from .slips import SLIPS
from .steps import STEPS
from .tensors import TENSORS
from .values import VALUES

TABLES = (MODELS, STEPS, DROPOUT, SHAPES, TENSORS, VALUES, SLIPS, OPTIMIZERS)
DIAGNOSES = frozenset(code for table in TABLES for code in table)
