"""Signing in: account and password, then a second step, then a session; every try is a fact, right or wrong."""

from dataclasses import dataclass, replace

from domain.facts import Device
from infrastructure.devices import device_name
from infrastructure.door import passwords
from infrastructure.door.apps import Apps
from infrastructure.door.attesting import NOBODY, Attesting, Channel
from infrastructure.door.codes import Codes
from infrastructure.door.devices import Devices
from infrastructure.door.limits import LETTERS, PER_ACCOUNT, PER_ADDRESS, Limits, TooManyError, network
from infrastructure.door.passkeys import Passkeys
from infrastructure.door.pending import Pending, Waiting
from infrastructure.door.people import People, Person
from infrastructure.door.second_steps import SecondSteps
from infrastructure.door.sessions import Sessions

WRONG = "That account and password do not fit together. Check both, or ask whoever runs this ledger for a new link."
OVER = "This sign-in is over. Begin again with your account and password."
NEW_DEVICE = "first sign-in from this device"


class SignInError(Exception):
    """Nobody is let in by this; the sentence is the same whatever was wrong with it."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """Somebody has come in: the token of the new session, and where they wanted to go."""

    token: str
    next: str


@dataclass(frozen=True)
class SignIns:
    """The way in for people of this ledger's own; safe to share between threads."""

    limits: Limits
    people: People
    waiting: Waiting
    steps: SecondSteps
    codes: Codes | None
    """None: there is no mail server, and codes by letter cannot be."""

    apps: Apps
    passkeys: Passkeys
    devices: Devices
    sessions: Sessions
    attesting: Attesting

    def password(self, name: str, password: str, device: Device, then: str) -> str:
        """Begin with an account or address and its password; the token of a sign-in under way.

        SignInError when they do not fit, after the same work whatever the reason; TooManyError after too many tries.
        """
        named = name.strip()
        person = self.people.find(named)
        account = person.account if person is not None else NOBODY
        self._count("address", network(device.ip), PER_ADDRESS, account, device)
        about = person.account if person is not None else named.lower()
        # Who tries at random from elsewhere must not lock the person out of their own devices.
        own = f" {device.id}" if self.devices.is_of(about, device.id) else ""
        self._count("account", about + own, PER_ACCOUNT, account, device)
        fit = passwords.fits(password, person.password if person is not None else None)
        if person is None or person.password is None or not fit:
            self.attesting.refused(account, device, _why(person))
            raise SignInError(WRONG)
        if passwords.is_outdated(person.password):
            self.people.keep(person.account, password)
        return self.begin(person, device, then)

    def begin(self, person: Person, device: Device, then: str) -> str:
        """Go on to the second step with somebody whose password is right; the token of a sign-in under way."""
        assert device.id is not None
        token = self.waiting.begin(person.account, device.id, then)
        pending = self.waiting.find(token)
        if pending is not None and self.channels(pending) == ("email",):
            self.send_code(pending, device)
        return token

    def channels(self, pending: Pending) -> tuple[Channel, ...]:
        """By which second steps the sign-in can go on; none: an authenticator app has to be set up first."""
        own = self.steps.of(pending.account)
        able = tuple(channel for channel in own if channel != "email" or self.codes is not None)
        return able or (("email",) if self.codes is not None and not own else ())

    def must_set_up(self, pending: Pending) -> bool:
        """Whether the person has no second step and there is no mail server: then an app is set up on the way in."""
        return self.codes is None and not self.steps.of(pending.account)

    def send_code(self, pending: Pending, device: Device) -> None:
        """Send a code by letter. LetterError when it cannot be sent; TooManyError after too many."""
        person = self.people.find(pending.account)
        if self.codes is None or person is None or "email" not in self.channels(pending):
            raise SignInError(OVER)
        self.limits.check("letters", person.account, LETTERS)
        self.codes.send(pending.holder, person.email, _described(device))

    def code(self, pending: Pending, code: str, device: Device) -> Arrived:
        """The second step by letter. SignInError when the code is not right."""
        self._begin_step(pending, "email", device)
        if self.codes is None or not self.codes.check(pending.holder, code):
            raise self._wrong(pending, "email", device, "That is not the code, or no longer. Check the last letter.")
        if not self.steps.of(pending.account):
            self.steps.add(pending.account, "email")
            self.attesting.enabled(pending.account, device, "email")
        return self._arrive(pending, "email", device)

    def app(self, pending: Pending, code: str, device: Device) -> Arrived:
        """The second step by an authenticator app. SignInError when the code is not right, or was used before."""
        self._begin_step(pending, "totp", device)
        if not self.apps.check(pending.account, code):
            raise self._wrong(pending, "totp", device, "That is not the code, or it was used. Wait for the next one.")
        return self._arrive(pending, "totp", device)

    def new_app(self, pending: Pending, code: str, device: Device) -> Arrived:
        """The second step by an app that is set up on the way in. SignInError when the code is not right."""
        if device.id != pending.device or not self.must_set_up(pending):
            raise SignInError(OVER)
        self._count("step", pending.account, PER_ACCOUNT, pending.account, device)
        if not self.apps.confirm(pending.holder, pending.account, code):
            raise self._wrong(pending, "totp", device, "That is not the code of this secret. Wait for the next one.")
        self.attesting.enabled(pending.account, device, "totp")
        return self._arrive(pending, "totp", device)

    def passkey(self, pending: Pending, answer: str, device: Device) -> Arrived:
        """The second step by a passkey. SignInError when the answer does not show that the person has it."""
        self._begin_step(pending, "passkey", device)
        if not self.passkeys.check(pending.holder, pending.account, answer):
            raise self._wrong(pending, "passkey", device, "This passkey was not accepted. Try again, or another way.")
        return self._arrive(pending, "passkey", device)

    def leave(self, account: str, device: Device, session: str) -> None:
        """Sign out."""
        if self.sessions.end(account, session):
            self.attesting.signed_out(account, device)

    def _begin_step(self, pending: Pending, channel: Channel, device: Device) -> None:
        if device.id != pending.device or channel not in self.channels(pending):
            raise SignInError(OVER)
        self._count("step", pending.account, PER_ACCOUNT, pending.account, device)

    def _count(self, kind: str, about: str, most: int, account: str, device: Device) -> None:
        try:
            self.limits.check(kind, about, most)
        except TooManyError as error:
            # Said once a window: a flood at the door is no flood in the ledger.
            if error.first:
                self.attesting.refused(account, device, f"too many tries for one {kind}")
            raise

    def _wrong(self, pending: Pending, channel: Channel, device: Device, sentence: str) -> SignInError:
        self.attesting.refused(pending.account, device, "wrong second step", channel)
        return SignInError(sentence)

    def _arrive(self, pending: Pending, channel: Channel, device: Device) -> Arrived:
        if not self.waiting.end(pending):
            raise SignInError(OVER)
        self.limits.forgive("account", pending.account)
        self.limits.forgive("account", f"{pending.account} {device.id}")
        self.limits.forgive("step", pending.account)
        return Arrived(self.welcome(pending.account, device, channel), pending.next)

    def welcome(self, account: str, device: Device, channel: str | None, why: str | None = None) -> str:
        """Write down that somebody came in and begin their session, under a token of its own, which is returned."""
        assert device.id is not None
        new = NEW_DEVICE if self.devices.is_new_to(account, device.id) else None
        reasons = [reason for reason in (why, new) if reason is not None]
        self.attesting.signed_in(account, device, channel, "; ".join(reasons) or None)
        return self.sessions.make(account, replace(device, session=None), channel)


def _why(person: Person | None) -> str:
    if person is None:
        return "no such account"
    return "no password set" if person.password is None else "wrong password"


def _described(device: Device) -> str:
    name = device_name(device.user_agent) if device.user_agent else None
    return f"{name or 'a device'} at {device.ip}" if device.ip else name or "a device"
