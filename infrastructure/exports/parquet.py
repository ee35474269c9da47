"""The log as Parquet: the columns of the table, one row group for each page that was read."""

from collections.abc import Iterable, Mapping
from typing import Any, BinaryIO

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]

from infrastructure.exports.columns import COLUMNS, flat

_SCHEMA = pa.schema([(name, pa.int64() if name == "position" else pa.string()) for name in COLUMNS])


class ParquetFile:
    """Writes rows into a file as they come."""

    def __init__(self, file: BinaryIO) -> None:
        self._writer = pq.ParquetWriter(file, _SCHEMA, compression="zstd")

    def add(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Write some rows."""
        columns = list(zip(*map(flat, rows), strict=True)) or [()] * len(COLUMNS)
        self._writer.write_table(pa.table([list(column) for column in columns], schema=_SCHEMA))

    def end(self) -> None:
        """Write what a reader looks for at the end."""
        self._writer.close()
