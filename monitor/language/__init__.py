"""Article -> Language."""

from monitor.language.detection import detect, normalise

__all__ = ["detect", "normalise"]
