"""The forms in which a log leaves the ledger."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, BinaryIO, Literal, Protocol, TypeAlias

from infrastructure.exports.csv import CsvFile
from infrastructure.exports.json_lines import JsonLinesFile, ocsf_file
from infrastructure.exports.parquet import ParquetFile


class File(Protocol):
    """A file in some form, as it is written."""

    def add(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Write some rows."""

    def end(self) -> None:
        """Write what comes after the last row."""


@dataclass(frozen=True, slots=True)
class Form:
    """How a form is called, and how it is written."""

    title: str
    ending: str
    media_type: str
    open: Callable[[BinaryIO], File]


FormatName: TypeAlias = Literal["csv", "jsonl", "parquet", "ocsf"]
FORMATS: Mapping[FormatName, Form] = MappingProxyType(
    {
        "csv": Form("CSV", "csv", "text/csv; charset=utf-8", CsvFile),
        "jsonl": Form("JSON Lines", "jsonl", "application/jsonl", JsonLinesFile),
        "parquet": Form("Parquet", "parquet", "application/vnd.apache.parquet", ParquetFile),
        "ocsf": Form("OCSF 1.8 (JSON Lines)", "ocsf.jsonl", "application/jsonl", ocsf_file),
    }
)
