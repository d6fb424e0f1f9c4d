"""Hand-made videos, as the statistics have them."""

from tests.ml.conftest import engine_of

__all__ = ["engine_of"]
