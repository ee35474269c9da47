"""Walls by the command line: what is missing is told, put up once, and found again by the doctor."""

import json
from itertools import count

from psycopg.conninfo import make_conninfo

from tests.infrastructure.cli.running import InProcess, Said, accessledger

_numbers = count(1)


def states(said: Said) -> dict[str, str]:
    return {found["what"]: found["state"] for found in json.loads(said.out)["findings"]}


def test_walls_are_told_put_up_and_stand(do: InProcess) -> None:
    before = states(do("doctor", "--json"))
    assert (before["walls"], before["guard"], before["connection"]) == ("look", "well", "look")
    dry = do("walls", "--dry-run", "--json")
    told = json.loads(dry.out)
    assert (dry.code, told["done"]) == (1, False)
    assert "ledger.decisions belongs to postgres" in " ".join(step["sentence"] for step in told["steps"])
    assert states(do("doctor", "--json"))["walls"] == "look"
    said = do("walls")
    assert said.code == 0
    assert "owners: ALTER TABLE ledger.decisions OWNER TO ledger_owner" in said.text
    after = states(do("doctor", "--json"))
    assert after["connection"] == "look"
    assert {after[wall] for wall in ("walls", "roles", "owners", "functions", "rights", "guard")} == {"well"}
    assert "All walls stand" in do("walls").text
    again = do("walls", "--dry-run", "--json")
    assert (again.code, again.answer["steps"]) == (0, [])


def test_a_server_signs_in_as_what_was_made_for_it_and_finds_all_well(database: str) -> None:
    name = f"shop_{next(_numbers)}"
    made = accessledger("walls", "--login", f"{name}=ledger_app", "--json", database=database).answer
    (login,) = made["logins"]
    assert (login["login"], login["role"]) == (name, "ledger_app")
    shop = make_conninfo(database, user=name, password=login["password"])
    found = accessledger("doctor", "--json", database=shop)
    assert states(found)["connection"] == "well"
    refused = accessledger("walls", "--login", "more=ledger_app", database=shop)
    assert refused.code == 1
    assert "This user may not do that" in refused.complaint


def test_a_login_names_one_of_the_roles(do: InProcess) -> None:
    for wrong in ("shop", "shop=", "=ledger_app", "shop=postgres", "shop=ledger_owner"):
        said = do("walls", "--login", wrong)
        assert (said.code, "ledger_app" in said.complaint) == (2, True)
