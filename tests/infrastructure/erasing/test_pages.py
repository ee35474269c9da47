"""The page about what is held of a person: what stands on it, who may, and what its forms do."""

import io
import json
import zipfile

import pytest

from tests.infrastructure.http.serving import Running
from tests.infrastructure.web.posting import last, post, types_since

BERLIN = "/locations/berlin/people"
BASIS = {"basis": "GDPR 17(1)(b)"}


def page(server: Running, path: str, account: str = "acc-olga") -> str:
    with server.person(account) as client:
        got = client.get(path)
    assert got.status_code == 200, got.text
    return got.text


def test_a_person_is_asked_for_held_and_erased_by_the_forms(demo: Running) -> None:
    before = last(demo)
    assert "Ann Schuster" in page(demo, f"{BERLIN}/ann")
    own = f"{BERLIN}/ann/erasure"
    held = {"command": "refuse_erasure", "account": "acc-ann", "until": "2099-05-01", "ground": "A case", **BASIS}
    assert post(demo, "acc-olga", own, held).status_code == 303
    assert "waits until 1 May 2099, because: <bdi>A case</bdi>" in page(demo, f"{BERLIN}/ann")
    erase = {"command": "erase", "account": "acc-ann", "confirmation": "Erase", **BASIS}
    refused = post(demo, "acc-olga", own, erase)
    assert refused.status_code == 409
    assert "A case" in refused.text
    allow = {"command": "allow_erasure", "account": "acc-ann", "ground": "Settled"}
    assert post(demo, "acc-olga", own, allow).status_code == 303
    done = post(demo, "acc-olga", own, erase)
    assert done.status_code == 303
    shown = page(demo, done.headers["location"])
    assert "This person was erased on" in shown
    assert "GDPR 17(1)(b)" in shown
    assert "Ann Schuster" not in shown
    for path in (f"{BERLIN}/ann", "/locations/berlin/team", "/locations/berlin/bill", "/locations/berlin/history"):
        assert "Ann Schuster" not in page(demo, path), path
    assert "erased-" in page(demo, f"{BERLIN}/ann")
    assert types_since(demo, before).count("PersonErased") == 2
    again = post(demo, "acc-olga", own, erase)
    assert again.status_code == 409
    assert "was erased on" in again.text


def test_nobody_erases_by_a_slip(demo: Running) -> None:
    before = last(demo)
    erase = {"command": "erase", "account": "acc-ann", "confirmation": "erase", **BASIS}
    got = post(demo, "acc-olga", f"{BERLIN}/ann/erasure", erase)
    assert got.status_code == 409
    assert "Type the word Erase" in got.text
    assert post(demo, "acc-olga", f"{BERLIN}/ann/erasure", erase, csrf=False).status_code == 403
    wrong = {"command": "refuse_erasure", "account": "acc-ann", "until": "soon", "ground": "x", **BASIS}
    assert post(demo, "acc-olga", f"{BERLIN}/ann/erasure", wrong).status_code == 409
    assert post(demo, "acc-olga", f"{BERLIN}/ann/erasure", {"command": "dismiss"}).status_code == 422
    assert "PersonErased" not in types_since(demo, before)


def test_people_take_and_ask_for_their_own_and_nothing_else(demo: Running) -> None:
    own = f"{BERLIN}/acc-sana/erasure"
    shown = page(demo, own, "acc-sana")
    assert "Erase this person" not in shown
    assert "It falls due in 30 days" in shown
    ask = {"command": "ask_erasure", "account": "acc-sana", **BASIS}
    assert post(demo, "acc-sana", own, ask).status_code == 303
    assert "falls due on" in page(demo, own, "acc-sana")
    erase = {"command": "erase", "account": "acc-sana", "confirmation": "Erase", **BASIS}
    assert post(demo, "acc-sana", own, erase).status_code == 403
    taken = post(demo, "acc-sana", f"{BERLIN}/acc-sana/held", {})
    assert taken.headers["content-type"] == "application/zip"
    assert post(demo, "acc-sana", f"{BERLIN}/ann/held", {}).status_code == 403


def test_what_is_held_is_taken_along_and_that_is_on_the_log_before_it(demo: Running) -> None:
    before = last(demo)
    got = post(demo, "acc-olga", f"{BERLIN}/ann/held", {})
    assert got.status_code == 200, got.text
    with zipfile.ZipFile(io.BytesIO(got.content)) as archive:
        lines = [json.loads(line) for line in archive.read("facts.jsonl").splitlines()]
        about = json.loads(archive.read("person.json"))
        assert {"README.txt", "facts.jsonl", "person.json", "beside.json"} == set(archive.namelist())
    assert about["account"] == "acc-ann"
    assert about["members"]["berlin"] == ["ann"]
    said = json.dumps([line["personal"] for line in lines], ensure_ascii=False)
    assert "Ann Schuster" in said
    assert "Olga Winter" not in said
    assert [line["position"] for line in lines] == sorted({line["position"] for line in lines})
    assert all(line["sentence"] for line in lines)
    assert types_since(demo, before)[-1] == "DataExported"


@pytest.mark.parametrize("path", ["ann/erasure", "acc-vic/erasure"])
def test_who_may_not_delete_sees_no_form(demo: Running, path: str) -> None:
    with demo.person("acc-cleo") as client:
        got = client.get(f"{BERLIN}/{path}")
    assert got.status_code in {200, 403}
    assert "Erase this person" not in got.text
