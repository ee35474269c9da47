"""The people of the story and what they hold in their hands."""

from collections.abc import Mapping
from dataclasses import dataclass

from infrastructure.demo.places import BERLIN, LISBON, NEW_YORK, Place

IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.6 Mobile/15E148 Safari/604.1"
)
IPAD = (
    "Mozilla/5.0 (iPad; CPU OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.6 Mobile/15E148 Safari/604.1"
)
WINDOWS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36"
)
ANDROID = (
    "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/141.0.0.0 Mobile Safari/537.36"
)
MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 15.6; rv:143.0) Gecko/20100101 Firefox/143.0"

_SHORT = {IPHONE: "iphone", IPAD: "ipad", WINDOWS: "desk", ANDROID: "android", MAC: "mac"}
_PHONES = frozenset({IPHONE, ANDROID})


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with an account. `often` is how many of ten open days bring a visit that the story tells of."""

    key: str
    name: str
    number: int
    places: tuple[Place, ...]
    """Where they have work; the first is where they sit."""

    agents: tuple[str, ...]
    often: int

    @property
    def account(self) -> str:
        """The id of the account."""
        return f"acc-{self.key}"

    @property
    def contact(self) -> str:
        """Where an invitation goes."""
        return f"{self.key}@lumen.example"

    def device(self, *, phone: bool = False) -> dict[str, str]:
        """The device without its session: the first one, or the phone where there is one."""
        agent = next((each for each in self.agents if each in _PHONES), self.agents[0]) if phone else self.agents[0]
        mobile = f"2001:db8:{0x40 + self.number:x}::{self.number:x}"
        address = mobile if agent in _PHONES else self.places[0].address
        return {"id": f"dev-{self.key}-{_SHORT[agent]}", "ip": address, "user_agent": agent}


_ALL = (
    ("olga", "Olga Winter", (BERLIN, LISBON, NEW_YORK), (MAC, IPHONE), 2),
    ("pavel", "Pavel Duarte", (LISBON,), (WINDOWS, IPHONE), 3),
    ("max", "Max Brandt", (BERLIN,), (WINDOWS, IPHONE), 5),
    ("ann", "Ann Schuster", (BERLIN,), (WINDOWS,), 6),
    ("paul", "Paul Keller", (BERLIN,), (IPAD,), 5),
    ("sana", "Sana Rahimi", (BERLIN,), (IPHONE,), 2),
    ("mia", "Mia Lindner", (BERLIN,), (IPHONE,), 2),
    ("jonas", "Jonas Vogt", (BERLIN,), (ANDROID,), 1),
    ("leyla", "Leyla Demir", (BERLIN,), (IPHONE,), 1),
    ("kai", "Kai Petersen", (BERLIN,), (ANDROID,), 1),
    ("emma", "Emma Roth", (BERLIN,), (IPHONE,), 1),
    ("lina", "Lina Busch", (BERLIN,), (IPHONE,), 0),
    ("cleo", "Cleo Martens", (BERLIN,), (WINDOWS,), 4),
    ("ada", "Ada Novak", (BERLIN, LISBON), (MAC,), 1),
    ("mara", "Mara Engel", (BERLIN,), (MAC,), 1),
    ("vic", "Vic Hansen", (BERLIN,), (IPAD,), 1),
    ("nele", "Nele Arndt", (BERLIN,), (WINDOWS,), 1),
    ("syd", "Syd Okafor", (BERLIN,), (WINDOWS, IPHONE), 1),
    ("ivo", "Ivo Pinto", (LISBON,), (ANDROID,), 2),
    ("marta", "Marta Lopes", (LISBON,), (WINDOWS,), 6),
    ("beatriz", "Beatriz Sousa", (LISBON,), (IPHONE,), 1),
    ("tiago", "Tiago Reis", (LISBON,), (ANDROID,), 1),
    ("ines", "Inês Carvalho", (LISBON,), (IPHONE,), 2),
    ("rui", "Rui Costa", (LISBON,), (ANDROID,), 3),
    ("priya", "Priya Shah", (NEW_YORK,), (MAC, IPHONE), 5),
    ("hank", "Hank Miller", (NEW_YORK,), (IPAD,), 6),
    ("dana", "Dana Cole", (NEW_YORK,), (IPHONE,), 2),
    ("luis", "Luis Ortega", (NEW_YORK,), (ANDROID,), 1),
    ("grace", "Grace Kim", (NEW_YORK,), (IPHONE,), 1),
    ("theo", "Theo Banks", (NEW_YORK,), (IPHONE,), 0),
    ("noor", "Noor Haddad", (NEW_YORK,), (MAC,), 1),
)

CAST: Mapping[str, Person] = {
    key: Person(key, name, number, places, agents, often)
    for number, (key, name, places, agents, often) in enumerate(_ALL, start=1)
}
"""Everybody by the short name that the scripts use."""
