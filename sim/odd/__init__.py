"""The description of the model after the ODD+D protocol, written from the code, the scenario and its text."""

from __future__ import annotations

from .document import document

__all__ = ["document"]
