"""SQLAlchemy-Continuum: a versioned SQLAlchemy model, with who and from where as meta data of its transactions.

Set up as documented: the validity strategy, which is the default, and the TransactionMeta plugin. Both questions get
the index that they need, which its pages leave to the application.
"""

from collections.abc import Sequence
from typing import Any, ClassVar

import psycopg
import sqlalchemy as sa
from psycopg.conninfo import make_conninfo
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session, configure_mappers, declarative_base
from sqlalchemy_continuum import Operation, make_versioned, version_class, versioning_manager
from sqlalchemy_continuum.plugins import TransactionMetaPlugin

from tests.benchmarks.others.changes import Change
from tests.benchmarks.others.tool import Did, State

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
    role = sa.Column(sa.Unicode(40), nullable=False)
    rights = sa.Column(JSONB, nullable=False)
    active = sa.Column(sa.Boolean, nullable=False)


configure_mappers()
_Version: Any = version_class(Access)
_Meta: Any = _meta.model_class
sa.Index("access_version_location", _Version.__table__.c.location)
sa.Index("transaction_meta_value", _Meta.__table__.c.key, _Meta.__table__.c.value)


class Continuum:
    """The model `Access`, its versions, and the transactions with their meta data."""

    def __init__(self, database: str, writers: int) -> None:
        self._engine = sa.create_engine(
            "postgresql+psycopg://",
            creator=lambda: psycopg.connect(make_conninfo(database)),
            pool_size=writers + 1,
        )
        _Base.metadata.create_all(self._engine)

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
            access.role, access.rights, access.active = change.role, list(change.rights), change.active
            work = versioning_manager.unit_of_work(session)
            transaction = work.create_transaction(session)
            transaction.meta = {"actor": change.actor, "device": change.device["id"], "ip": change.device["ip"]}
            session.commit()

    def leave(self) -> None:
        """Connections are the engine's."""

    def settle(self) -> None:
        """The transaction has done it all."""

    def moment(self) -> object:
        """The number of the last transaction."""
        with Session(self._engine) as session:
            return session.scalar(sa.select(sa.func.max(versioning_manager.transaction_cls.id)))

    def state(self, location: str, moment: Any) -> State:
        """The versions that were valid in that transaction."""
        wanted = sa.select(_Version).where(
            _Version.location == location,
            _Version.transaction_id <= moment,
            sa.or_(_Version.end_transaction_id > moment, _Version.end_transaction_id.is_(None)),
            _Version.operation_type != Operation.DELETE,
        )
        with Session(self._engine) as session:
            found = session.scalars(wanted).all()
            return {version.account: (version.role, frozenset(version.rights)) for version in found if version.active}

    def from_device(self, device: str) -> Sequence[Did]:
        """The transactions with that meta data, and the versions of each."""
        by = sa.orm.aliased(_Meta)
        wanted = (
            sa.select(by.value, _Version.location, _Version.account)
            .join(_Meta, _Meta.transaction_id == _Version.transaction_id)
            .join(by, by.transaction_id == _Version.transaction_id)
            .where(_Meta.key == "device", _Meta.value == device, by.key == "actor")
            .order_by(_Version.transaction_id)
        )
        with Session(self._engine) as session:
            return [(row[0], row[1], row[2]) for row in session.execute(wanted)]

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()
