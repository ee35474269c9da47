"""Import of history: fact files in, every line checked, all or nothing unless told otherwise."""

from infrastructure.importing.importer import Importer, ImportRefusedError, Report, Step
from infrastructure.importing.lines import BadLine

__all__ = ["BadLine", "ImportRefusedError", "Importer", "Report", "Step"]
