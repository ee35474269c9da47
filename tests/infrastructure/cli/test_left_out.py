"""What the command line leaves out of a log is what the books leave out."""

from infrastructure.demo.scenes import scenes
from infrastructure.wiring import application
from projections.filters import Filter, Without
from tests.infrastructure.cli.running import InProcess
from tests.infrastructure.sealing.opened import sealed_store

PLACE, DEVICE = scenes().location, scenes().device
WITHOUT = Without(actors=frozenset({"acc-olga", "acc-ann"}), devices=frozenset({DEVICE}))


def test_the_same_is_left_out(ask: InProcess, told: str) -> None:
    some = ("--not-actor", "acc-olga", "--not-actor", "acc-ann", "--not-device", DEVICE, "--outcome", "refused")
    answer = ask("log", "--location", PLACE, *some, "--json").answer
    with sealed_store(told) as store:
        expected = application(store).books(answer["position"]).log(PLACE, Filter(outcome="refused", without=WITHOUT))
    assert answer["log"] == expected["log"]
    assert answer["log"]
