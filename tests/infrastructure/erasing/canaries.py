"""Canaries in every personal field and in every table of the door; and where any of them is found again."""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any, TypeAlias
from uuid import NAMESPACE_OID, uuid4, uuid5

import psycopg

from domain.facts import Device
from domain.instants import write_instant
from infrastructure.wiring import Application
from tests.infrastructure.http.serving import Running
from tests.infrastructure.store.servers import Server, run

Raw: TypeAlias = dict[str, Any]
ACCOUNT, MEMBER, CLIENT, PLACES = "acc-cora", "cora", "c-7", ("L1", "L2")
KEY: Raw = {"kind": "api_key", "id": "key-1"}
CORA: Raw = {"kind": "person", "id": ACCOUNT}
WITHOUT_DEVICE: Raw = {"id": "dev-desk"}


class Canaries:
    """Texts that are nowhere else, by where they were put."""

    def __init__(self) -> None:
        self.put: dict[str, str] = {}

    def text(self, where: str) -> str:
        """A canary for a place."""
        return self.put.setdefault(where, f"canary{uuid5(NAMESPACE_OID, where).hex[:16]}")

    def address(self, where: str) -> str:
        """One that looks like an address of the net."""
        digits = uuid5(NAMESPACE_OID, where).int
        return self.put.setdefault(where, f"2001:db8:{digits % 9000 + 1000:x}:{digits // 7 % 9000 + 1000:x}::77")

    def device(self, where: str) -> Raw:
        """A device that says canaries of itself."""
        agent = f"{self.text(f'{where} agent')}/1.0 ({self.text(f'{where} system')})"
        return {"id": "dev-cora", "ip": self.address(f"{where} ip"), "user_agent": agent}

    def found_in(self, content: bytes) -> list[str]:
        """Where the canaries were put that are in some bytes: as they are, or as hexadecimal digits."""
        return [
            where
            for where, text in self.put.items()
            if text.encode() in content or text.encode().hex().encode() in content
        ]


def submit(ledger: Application, name: str, data: Raw, location: str | None = "L1", **more: Any) -> None:
    """A command that has to be accepted."""
    raw: Raw = {"command": name, "id": str(uuid4()), "actor": KEY, "device": WITHOUT_DEVICE, "data": data, **more}
    outcome = ledger.desk.submit(raw if location is None else {**raw, "location": location})
    assert outcome.refusal is None, outcome.refusal


def live(server: Running, canaries: Canaries) -> None:
    """A life in the ledger: by commands, by an import, over HTTP and at the door."""
    ledger = server.ledger
    for place in PLACES:
        submit(ledger, "open_location", {"name": "Studio", "time_zone": "UTC"}, place)
        submit(ledger, "grant_access", {"account": "acc-olga", "role": "owner", "name": "Olga"}, place)
        submit(ledger, "add_team_member", {"member": MEMBER, "name": canaries.text(f"{place} member")}, place)
        submit(ledger, "add_team_member", {"member": "room", "name": "Room"}, place)
        invited = {
            "account": ACCOUNT,
            "name": canaries.text(f"{place} invited"),
            "contact": canaries.text(f"{place} to"),
        }
        submit(ledger, "invite", {**invited, "role": "owner", "member": MEMBER}, place, reason=canaries.text("why"))
        submit(ledger, "accept_invitation", {"account": ACCOUNT}, place, actor=CORA, device=canaries.device("accept"))
    edited = {"member": MEMBER, "after": {"name": canaries.text("renamed"), "phone": canaries.text("phone")}}
    submit(ledger, "edit_team_member", edited, reason=canaries.text("edit why"))
    acted: Raw = {"actor": CORA, "device": canaries.device("acting")}
    submit(ledger, "add_to_schedule", {"member": MEMBER}, **acted)
    submit(ledger, "purchase", {"subscription": "P", "seats": 3, "ends_at": "2030-01-01T00:00:00Z"})
    submit(ledger, "record_charge", {"subscription": "P", "charge": "c-1"})
    record = {"entity": "client", "entity_id": CLIENT, "before": None, "after": {"note": canaries.text("client")}}
    submit(ledger, "observe", {"type": "RecordEdited", **record}, **acted)
    submit(ledger, "observe", {"type": "SignedIn", "account": ACCOUNT}, None, **acted)
    refused = {"command": "add_to_schedule", "id": str(uuid4()), "location": "L1", "data": {"member": MEMBER}}
    assert ledger.desk.submit({**refused, **acted, "reason": canaries.text("refused")}).refusal is not None
    _imported(ledger, canaries)
    _at_the_door(server, canaries)
    ledger.projector.bring_forward(ledger.store.sequence())


def _imported(ledger: Application, canaries: Canaries) -> None:
    """History with names, a correction that carries some, and a line that is refused."""
    at = write_instant(ledger.store.now())
    envelope = {"location": "L3", "recorded_at": at, "effective_at": at, "actor": KEY, "change": "c", "source": "old"}
    carried = {**envelope, "id": str(uuid4()), "effective_at": "2020-01-01T00:00:00Z", "type": "AccessGranted"}
    carried["data"] = {
        "account": ACCOUNT,
        "name": canaries.text("carried"),
        "role": "viewer",
        "rights": [],
        "scopes": {},
    }
    facts = [
        {**envelope, "type": "LocationOpened", "data": {"name": "Old", "time_zone": "UTC"}},
        {**envelope, "type": "TeamMemberAdded", "data": {"member": MEMBER, "name": canaries.text("imported")}},
        {
            **envelope,
            "type": "UserInvited",
            "actor": CORA,
            "device": canaries.device("imported"),
            "data": {
                "account": ACCOUNT,
                "contact": canaries.text("imported contact"),
                "role": "viewer",
                "rights": [],
                "scopes": {},
                "member": MEMBER,
            },
        },
        {**envelope, "type": "Correction", "data": {"kind": "late", "corrects": None, "fact": carried}},
        {**envelope, "type": "TeamMemberAdded", "data": {"member": 7, "name": canaries.text("refused line")}},
    ]
    lines = "\n".join(json.dumps({"id": str(uuid4()), **fact}) for fact in facts)
    report = ledger.importer.run(BytesIO(lines.encode()), name="old", by="tests", rejects=StringIO())
    assert (report.appended, report.refused) == (4, 1)


def _at_the_door(server: Running, canaries: Canaries) -> None:
    """Everything that the door keeps about somebody who signs in."""
    house, door = server.house, server.house.door
    door.people.add(ACCOUNT, f"{canaries.text('email')}@example.org")
    door.people.keep(ACCOUNT, canaries.text("password"))
    door.steps.add(ACCOUNT, "totp", secret=canaries.text("secret"))
    device = Device.read(canaries.device("session"))
    token = house.sessions.make(ACCOUNT, device)
    door.devices.see("dev-cora", device.user_agent, {"Sec-CH-UA-Model": canaries.text("model")})
    door.devices.is_new_to(ACCOUNT, "dev-cora")
    door.waiting.begin(ACCOUNT, "dev-cora", f"/?{canaries.text('next')}")
    house.views.save(ACCOUNT, "L1", canaries.text("view"), f"actor={canaries.text('query')}")
    with house.ledger.store.connections.take() as connection:
        name = door.passkeys._veil.over(f"account:{ACCOUNT}", canaries.text("passkey"))
        connection.execute(
            "INSERT INTO door.passkeys (id, account, public_key, sign_count, name) VALUES ('k', %s, 'p', 0, %s)",
            (ACCOUNT, name),
        )
    with server.person(ACCOUNT) as client:
        client.cookies.set("session", token)
        headers = {"User-Agent": f"{canaries.text('http agent')}/2.0"}
        got = client.get(f"/locations/L1/log?device={canaries.text('filter')}", headers=headers)
        assert got.status_code == 200, got.text
    with server.client(Accept="text/html", **headers) as stranger:
        assert stranger.get("/sign-in").status_code == 200
    with server.client(server.key()) as client:
        exported = client.get("/v1/locations/L1/log/export?format=jsonl&manifest=true")
        assert exported.status_code == 200


def answers(server: Running) -> Iterator[tuple[str, bytes]]:
    """Everything that a ledger says, to its owner on pages, and to programs."""
    with server.person("acc-olga") as client:
        for place in PLACES:
            for page in ("team", "bill", "charges", "log", "history", f"people/{MEMBER}", f"people/{ACCOUNT}/rights"):
                yield page, client.get(f"/locations/{place}/{page}").content
    with server.client(server.key()) as client:
        for place in (*PLACES, "L3"):
            for question in ("seats", "access", "roster", "charges", "history", "log", "log/export?format=csv"):
                yield question, client.get(f"/v1/locations/{place}/{question}").content
        for form in ("", "&format=cloudevents", "&format=ocsf"):
            yield f"feed{form}", client.get(f"/v1/facts?after=0&limit=1000{form}").content
    listed = [repr(each) for each in server.house.door.people.list()]
    yield "people", " ".join(listed).encode()
    yield "sessions", repr(server.house.sessions.of(ACCOUNT)).encode()
    yield "device", repr(server.house.door.devices.find("dev-cora")).encode()
    yield "views", repr(server.house.views.of(ACCOUNT, "L1")).encode()


def said(server: Running, canaries: Canaries) -> dict[str, list[str]]:
    """By answer the canaries that are in it."""
    every = [(name, canaries.found_in(content)) for name, content in answers(server)]
    return {name: found for name, found in every if found}


def files(server: Server, *folders: Path) -> Iterator[Path]:
    """Every file of a server after a checkpoint and a switch of its log, and of some folders."""
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute("CHECKPOINT")
        connection.execute("SELECT pg_switch_wal()")
    for folder in (server.home, *folders):
        yield from (path for path in sorted(folder.rglob("*")) if path.is_file())


def lying(canaries: Canaries, paths: Iterable[Path]) -> dict[str, list[str]]:
    """By file the canaries that lie in it."""
    every = [(str(path), canaries.found_in(path.read_bytes())) for path in paths]
    return {name: found for name, found in every if found}


def dumped(server: Server, database: str) -> bytes:
    """A backup of a database, as text: what a compressed page would hide is plain in it."""
    return run("pg_dump", "-h", str(server.home), "-U", "postgres", database).stdout.encode()


def restored(server: Server, database: str, dump: bytes) -> None:
    """A database as a backup has it."""
    server.execute(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")
    server.execute(f"CREATE DATABASE {database}")
    path = server.home / f"{database}.sql"  # where the server's user may read it
    path.write_bytes(dump)
    path.chmod(0o644)
    into = ("-h", str(server.home), "-U", "postgres", "-d", database)
    run("psql", *into, "-q", "-v", "ON_ERROR_STOP=1", "-f", str(path))


def counted(ledger: Application, position: int) -> Mapping[str, Any]:
    """What is billed, by which rule, at a position, names aside."""
    books, later = ledger.books(position), datetime(2029, 6, 1, tzinfo=UTC)
    found: dict[str, Any] = {}
    for place in PLACES:
        seats, charges = books.seats(place, later, later), books.charges(place, later, later)
        found[place] = {**_timeless(seats), "seats": _nameless(seats["seats"])}, _timeless(charges)
        found[f"{place} access"] = _nameless(books.access(place, later, later)["users"])
    return found


def _timeless(answer: Raw) -> Raw:
    return {**answer, "on": None, "known": None}


def _nameless(rows: Iterable[Raw]) -> list[Raw]:
    """Rows without names, by id: a stand-in stands elsewhere in the alphabet."""
    found = ({**row, "name": None} for row in rows)
    return sorted(found, key=lambda row: (str(row["member"]), str(row["account"])))
