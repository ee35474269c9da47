"""What an operator allows webhooks: nothing but TLS to public addresses unless said otherwise; and how often to try."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

PLAIN = "ACCESSLEDGER_WEBHOOKS_PLAIN"
PRIVATE = "ACCESSLEDGER_WEBHOOKS_PRIVATE"
_LONGEST_PAUSE = 6 * 3600.0
_GROWTH = 4.0


@dataclass(frozen=True, slots=True)
class Rules:
    """How a server delivers."""

    plain: bool = False
    """Whether `http://` is allowed."""

    private: bool = False
    """Whether addresses of this machine and of private networks are allowed."""

    tries: int = 10
    """After so many, spread over a day, a delivery is dead."""

    first_pause: float = 5.0
    timeout: float = 10.0
    """Seconds that one try may take in all."""

    def pause(self, attempts: int, chance: float) -> float:
        """Seconds until the next try, after so many; `chance`, from 0 to 1, spreads them by a half to both sides."""
        grown = min(self.first_pause * _GROWTH ** (attempts - 1), _LONGEST_PAUSE)
        return grown * (0.5 + chance)


STRICT = Rules()
"""What holds unless an operator says otherwise."""


def read_rules(environment: Mapping[str, str] | None = None) -> Rules:
    """The rules of the environment: 1 allows, anything else does not."""
    found = os.environ if environment is None else environment
    return Rules(plain=found.get(PLAIN) == "1", private=found.get(PRIVATE) == "1")
