"""The page of a chain, and the one about the keyboard."""

from infrastructure.demo.scenes import scenes
from tests.infrastructure.http.serving import Running


def test_a_chain_by_its_own_terms_and_by_another_generation(demo: Running) -> None:
    whole = demo.ledger.books().fleet(terms="service_providers")
    chain = next(row["chain"] for row in whole["locations"] if row["location"] == scenes().location)
    with demo.person(scenes().owner) as client:
        own = client.get(f"/chains/{chain}")
        other = client.get(f"/chains/{chain}?terms=service_providers")
        assert client.get("/chains/nowhere").status_code == 404
        assert client.get("/help/keys").status_code == 200
    row = next(row for row in whole["locations"] if row["location"] == scenes().location)
    assert f'<td class="number">{row["billable"]}</td>' in other.text
    assert own.text != other.text
