"""Keys by the command line: shown once, listed without their text, ended at once."""

from infrastructure.door.keys import Keys
from tests.infrastructure.cli.running import accessledger
from tests.infrastructure.sealing.opened import sealed_store


def test_a_key_is_made_listed_and_revoked(database: str) -> None:
    made = accessledger(
        "keys", "add", "pos", "--scope", "read", "--location", "berlin", "--days", "30", "--json", database=database
    ).answer
    (row,) = accessledger("keys", "list", "--json", database=database).answer["keys"]
    assert (row["id"], row["actor"], row["locations"], row["scopes"]) == (made["id"], "pos", ["berlin"], ["read"])
    assert made["key"] not in str(row)
    with sealed_store(database) as store:
        found = Keys(store.connections).caller(made["key"])
        assert found is not None
        assert found.places.locations == {"berlin"}
        assert accessledger("keys", "revoke", made["id"], "--json", database=database).answer["revoked"]
        assert Keys(store.connections).caller(made["key"]) is None
    assert accessledger("keys", "revoke", made["id"], database=database).code == 1


def test_a_key_is_good_somewhere(database: str) -> None:
    assert accessledger("keys", "add", "pos", "--scope", "read", database=database).code == 2
