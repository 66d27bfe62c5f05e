"""The fake press: outlets, feeds, pages and faults on loopback, with the truth of every article at hand.

`Press` is the whole interface. Everything that it prints is invented; nothing here reaches beyond loopback.
"""

from demo.press.press import Press
from demo.press.truth import Truth

__all__ = ["Press", "Truth"]
