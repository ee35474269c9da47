"""A process that reads and stages chunks for an import: asked on standard input, answering on standard output.

It ends at once when nobody is left to ask, whatever it is waiting for, so that a killed import leaves none behind.
"""

import gc
import os
import sys
import threading
from queue import Queue
from typing import BinaryIO

import psycopg

from domain.entries import Imported
from infrastructure.catalogues import shipped_catalogues
from infrastructure.importing.chunks import Chunk
from infrastructure.importing.messages import (
    GoneError,
    Task,
    receive_chunk,
    receive_task,
    send_failure,
    send_staged,
)
from infrastructure.importing.reading import ChunkReader
from infrastructure.postgres.statements import statements
from infrastructure.sealing.sealing import open_sealing
from infrastructure.store.boundary import UNSEALED
from infrastructure.store.staging import stage_chunk

_SQL = statements("import")
_ROUNDS = 16
"""Chunks between two searches for cycles: Python's own ones would take a third of the time, and rows have none."""


def main() -> None:
    """Serve until the other side is gone."""
    source, to = sys.stdin.buffer, sys.stdout.buffer
    gc.freeze()
    gc.disable()
    try:
        task = receive_task(source)
        chunks: Queue[Chunk] = Queue(maxsize=1)
        threading.Thread(target=_listen, args=(source, chunks), daemon=True).start()
        _serve(task, chunks, to)
    except psycopg.Error as error:
        send_failure(to, error)
    except (GoneError, BrokenPipeError):
        os._exit(0)


def _listen(source: BinaryIO, chunks: Queue[Chunk]) -> None:
    try:
        while True:
            chunks.put(receive_chunk(source))
    except GoneError:
        os._exit(0)


def _serve(task: Task, chunks: Queue[Chunk], to: BinaryIO) -> None:
    boundary = open_sealing(task.keys, connections=1) if task.keys is not None else UNSEALED
    reader = ChunkReader(task.of_import, shipped_catalogues(), Imported(at=task.at, by=task.by), boundary)
    with psycopg.connect(task.conninfo, autocommit=True) as connection:
        connection.execute(_SQL["settings"])
        connection.execute(_SQL["careless"])
        rounds = 0
        while True:
            found = reader.read(chunks.get())
            send_staged(to, stage_chunk(connection, task.of_import, found.lines, found.staged, found.rows))
            rounds += 1
            if rounds % _ROUNDS == 0:
                gc.collect()
