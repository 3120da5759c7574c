"""What the build knows of itself; Meson writes the module."""

VERSION: str
COMPILER: str
FLAGS: str
ORIGINAL: str
SYSTEM: bool
