"""Another password is set against the present one, and ends every other session."""

import re

import httpx

from infrastructure.door import passwords
from tests.infrastructure.http.serving import Running

OLD, NEW = "three quiet herons", "four loud herons"


def changed(client: httpx.Client, present: str, again: str = NEW) -> httpx.Response:
    token = re.search(r'name="csrf" value="([0-9a-f]+)"', client.get("/account").text)
    assert token is not None
    form = {"csrf": token[1], "present": present, "password": NEW, "again": again}
    return client.post("/account/password", data=form)


def test_a_password_is_changed_against_the_present_one_and_other_sessions_end(demo: Running) -> None:
    people = demo.house.door.people
    people.set_password(people.add("acc-olga", "olga@lumen.example"), OLD)

    def fits(password: str) -> bool:
        person = people.find("acc-olga")
        return person is not None and passwords.fits(password, person.password)

    with demo.person("acc-olga") as client, demo.person("acc-olga", device="dev-2") as other:
        assert "not your present password" in changed(client, "a guess").text
        assert "not the same" in changed(client, OLD, again="five herons more").text
        assert fits(OLD)
        assert changed(client, OLD).status_code == 303
        assert (fits(OLD), fits(NEW)) == (False, True)
        assert (client.get("/account").status_code, other.get("/account").status_code) == (200, 303)


def test_who_signs_in_elsewhere_has_none_to_change(demo: Running) -> None:
    with demo.person("acc-olga") as client:
        assert "/account/password" not in client.get("/account").text
        assert changed(client, OLD).status_code >= 400
