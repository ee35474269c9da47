"""The commands about people: a link that sets a password, and a way to end it all."""

from tests.infrastructure.cli.running import InProcess


def test_a_person_from_the_first_link_to_the_end(do: InProcess) -> None:
    added = do("people", "add", "acc-olga", "--email", "olga@lumen.example", "--json")
    assert added.code == 0, added.err
    assert "/set-up/" in added.text
    assert do("people", "add", "acc-olga", "--email", "other@lumen.example").code == 2
    assert "waits for a password" in do("people", "list").text
    assert do("people", "reset", "acc-olga", "--second-steps").code == 0
    assert do("people", "end", "acc-olga").code == 0
    assert do("people", "end", "acc-olga").code == 2


def test_a_link_for_an_auditor_is_taken_back(do: InProcess) -> None:
    made = do("people", "link", "--chain", "lumen", "--days", "3", "--for", "Ms Auditor", "--json")
    assert made.code == 0, made.err
    name = do("people", "links").text.split("\t")[0]
    assert do("people", "unlink", name).code == 0
    assert "taken back" in do("people", "links").text
    assert do("people", "unlink", name).code == 2
