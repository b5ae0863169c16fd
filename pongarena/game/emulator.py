"""The emulator's module, loaded without interruption: an exception in its C++ part kills the process."""

from pongarena.core.interrupts import uninterrupted

with uninterrupted():
    import ale_py

__all__ = ["ale_py"]
