"""Webhooks on the command line: made, listed, replayed, looked into, ended."""

import pytest

from tests.infrastructure.cli.running import InProcess

URL = "https://example.com/hooks"


def test_a_webhook_is_made_listed_replayed_and_ended(do: InProcess) -> None:
    made = do("webhooks", "add", URL, "--everywhere", "--type", "UserInvited", "--json").answer
    assert made["secret"].startswith("whsec_")
    name = made["id"]
    (listed,) = do("webhooks", "list", "--json").answer["webhooks"]
    assert (listed["id"], listed["url"], listed["types"], listed["owner"]) == (name, URL, ["UserInvited"], "operator")
    assert do("webhooks", "list").text == f"{name}  {URL}  at 0, 0 waiting, 0 dead\n"
    assert do("webhooks", "replay", name, "--after", "0").code == 0
    assert do("webhooks", "deliveries", name, "--json").answer == {"deliveries": []}
    assert do("webhooks", "remove", name, "--json").answer == {"id": name}
    assert do("webhooks", "remove", name).complaint == f"There is no webhook {name}."
    assert do("webhooks", "list", "--json").answer == {"webhooks": []}


@pytest.mark.parametrize(
    "wrong",
    [
        [URL],
        ["http://example.com/", "--everywhere"],
        ["https://127.0.0.1/", "--everywhere"],
        [URL, "--everywhere", "--type", "Danced"],
    ],
)
def test_what_cannot_be_is_wrong_usage(do: InProcess, wrong: list[str]) -> None:
    assert do("webhooks", "add", *wrong).code == 2
