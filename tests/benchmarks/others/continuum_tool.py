"""SQLAlchemy-Continuum: a versioned SQLAlchemy model, with who and from where as meta data of its transactions.

Set up as documented: the validity strategy, which is the default, and the TransactionMeta plugin. Both questions get
the index that they need, which its pages leave to the application.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

import psycopg
import sqlalchemy as sa
from psycopg.conninfo import make_conninfo
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session, configure_mappers, declarative_base
from sqlalchemy_continuum import Operation, make_versioned, version_class, versioning_manager
from sqlalchemy_continuum.plugins import TransactionMetaPlugin

from tests.benchmarks.others.changes import Change
from tests.benchmarks.others.tool import PAGE, State, names_wanted, shown_change, shown_user, with_names
from tests.benchmarks.people import Json

_meta = TransactionMetaPlugin()
make_versioned(user_cls=None, plugins=[_meta])
_Base: Any = declarative_base()


class Access(_Base):
    """Role and rights of an account in a location."""

    __versioned__: ClassVar[dict[str, Any]] = {}
    __tablename__ = "access"
    __table_args__ = (sa.UniqueConstraint("location", "account"),)

    id = sa.Column(sa.BigInteger, primary_key=True, autoincrement=True)
    location = sa.Column(sa.Unicode(128), nullable=False)
    account = sa.Column(sa.Unicode(128), nullable=False)
    name = sa.Column(sa.Unicode(128))
    role = sa.Column(sa.Unicode(40), nullable=False)
    rights = sa.Column(JSONB, nullable=False)
    active = sa.Column(sa.Boolean, nullable=False)


configure_mappers()
_Version: Any = version_class(Access)
_Meta: Any = _meta.model_class
sa.Index("access_version_location", _Version.__table__.c.location)
_Transaction: Any = versioning_manager.transaction_cls
sa.Index("transaction_meta_value", _Meta.__table__.c.key, _Meta.__table__.c.value, _Meta.__table__.c.transaction_id)
sa.Index("transaction_issued_at", _Transaction.__table__.c.issued_at, _Transaction.__table__.c.id)
_STATE = ("role", "rights", "active")
_OWN = ("location", "account", *_STATE)
_ENDS = """
UPDATE access_version AS v SET end_transaction_id = n.next
FROM (
    SELECT id, transaction_id, lead(transaction_id) OVER (PARTITION BY id ORDER BY transaction_id) AS next
    FROM access_version
) AS n
WHERE n.id = v.id AND n.transaction_id = v.transaction_id AND n.next IS NOT NULL
"""
_COLUMNS: Mapping[str, str] = {
    "access": "id, location, account, name, role, rights, active",
    "access_version": "id, location, account, name, role, rights, active, transaction_id, operation_type",
    "transaction": "id, issued_at",
    "transaction_meta": "transaction_id, key, value",
}


class Continuum:
    """The model `Access`, its versions, and the transactions with their meta data."""

    def __init__(self, database: str, writers: int) -> None:
        self._database = make_conninfo(database)
        self._engine = sa.create_engine(
            "postgresql+psycopg://",
            creator=lambda: psycopg.connect(self._database),
            pool_size=writers + 1,
        )
        _Base.metadata.create_all(self._engine)

    def load(self, changes: Sequence[Change]) -> None:
        """The rows that sessions would have left, at the times of the changes, by COPY."""
        rows: dict[str, list[tuple[object, ...]]] = {name: [] for name in _COLUMNS}
        ids: dict[tuple[str, str], int] = {}
        last: dict[int, Change] = {}
        for number, change in enumerate(changes, 1):
            key = ids.setdefault((change.location, change.account), len(ids) + 1)
            operation = Operation.INSERT if key not in last else Operation.UPDATE
            last[key] = change
            meta = {"actor": change.actor, "device": change.device["id"], "ip": change.device["ip"]}
            rows["transaction"].append((number, change.at.replace(tzinfo=None)))
            rows["transaction_meta"] += [(number, name, value) for name, value in meta.items()]
            rows["access_version"].append((*_own(key, change), number, operation))
        rows["access"] = [_own(key, change) for key, change in last.items()]
        with psycopg.connect(self._database) as connection, connection.cursor() as cursor:
            for table, columns in _COLUMNS.items():
                with cursor.copy(f"COPY {table} ({columns}) FROM STDIN".encode()) as copy:
                    for row in rows[table]:
                        copy.write_row(row)
            cursor.execute(_ENDS)
            cursor.execute("SELECT setval('access_id_seq', max(id)) FROM access")
            cursor.execute("SELECT setval('transaction_id_seq', max(id)) FROM transaction")

    def write(self, change: Change) -> None:
        """One object in a transaction, with its meta data."""
        with Session(self._engine) as session:
            if change.first:
                access = Access(location=change.location, account=change.account)
                session.add(access)
            else:
                access = session.scalars(
                    sa.select(Access).where(Access.location == change.location, Access.account == change.account)
                ).one()
            access.name, access.role, access.active = change.name, change.role, change.active
            access.rights = list(change.rights)
            work = versioning_manager.unit_of_work(session)
            transaction = work.create_transaction(session)
            transaction.meta = {"actor": change.actor, "device": change.device["id"], "ip": change.device["ip"]}
            session.commit()

    def leave(self) -> None:
        """Connections are the engine's."""

    def settle(self) -> None:
        """The transaction has done it all."""

    def state(self, location: str, at: datetime) -> State:
        """The versions that were valid in the last transaction until then."""
        with Session(self._engine) as session:
            found = session.execute(_valid(location, at, _Version.account, _Version.role, _Version.rights))
            return {account: (role, frozenset(rights)) for account, role, rights in found}

    def shown(self, location: str, at: datetime) -> Sequence[Json]:
        """The same, with the time of the transaction."""
        columns = (_Version.account, _Version.name, _Version.role, _Transaction.issued_at, _Version.rights)
        since = _valid(location, at, *columns).join(_Transaction, _Transaction.id == _Version.transaction_id)
        with Session(self._engine) as session:
            return [shown_user(*row) for row in session.execute(since)]

    def from_device(self, device: str) -> Sequence[Json]:
        """The transactions with that meta data, the version of each, and the one that ended then; names as of now."""
        by, ip, before = sa.orm.aliased(_Meta), sa.orm.aliased(_Meta), sa.orm.aliased(_Version)
        wanted = (
            sa.select(_Transaction.issued_at, by.value, ip.value, *map(_Version.__table__.c.get, _OWN), *_was(before))
            .select_from(_Meta)
            .join(_Transaction, _Transaction.id == _Meta.transaction_id)
            .join(_Version, _Version.transaction_id == _Meta.transaction_id)
            .join(by, sa.and_(by.transaction_id == _Meta.transaction_id, by.key == "actor"))
            .join(ip, sa.and_(ip.transaction_id == _Meta.transaction_id, ip.key == "ip"))
            .outerjoin(before, sa.and_(before.id == _Version.id, before.end_transaction_id == _Version.transaction_id))
            .where(_Meta.key == "device", _Meta.value == device)
            .order_by(_Meta.transaction_id.desc())
            .limit(PAGE)
        )
        rows = []
        with Session(self._engine) as session:
            for at, actor, address, location, account, *own in session.execute(wanted):
                new = dict(zip(_STATE, own[:3], strict=True))
                was = dict(zip(_STATE, own[3:], strict=True)) if own[3] is not None else None
                kept = {"id": device, "ip": address}
                rows.append(shown_change(at, actor, (location, account), kept, was, new))
            named = sa.select(Access.location, Access.account, Access.name).where(
                sa.tuple_(Access.location, Access.account).in_(names_wanted(rows))
            )
            return with_names(rows, {(row[0], row[1]): row[2] for row in session.execute(named)})

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()


def _valid(location: str, at: datetime, *columns: Any) -> Any:
    """Of the versions that were valid at an instant some columns."""
    last = (
        sa.select(_Transaction.id)
        .where(_Transaction.issued_at <= at.replace(tzinfo=None))
        .order_by(_Transaction.issued_at.desc(), _Transaction.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    return sa.select(*columns).where(
        _Version.location == location,
        _Version.transaction_id <= last,
        sa.or_(_Version.end_transaction_id > last, _Version.end_transaction_id.is_(None)),
        _Version.operation_type != Operation.DELETE,
        _Version.active,
    )


def _was(before: Any) -> tuple[Any, ...]:
    return tuple(getattr(before, name) for name in _STATE)


def _own(key: int, change: Change) -> tuple[object, ...]:
    rights = json.dumps(change.rights)
    return (key, change.location, change.account, change.name, change.role, rights, change.active)
