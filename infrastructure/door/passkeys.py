"""Passkeys: a key pair that a device keeps; what it signs shows that the person has the device, here and now."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, parse_authentication_credential_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from domain.limits import NAME_LENGTH
from infrastructure.door.challenges import Challenges
from infrastructure.door.people import PeopleError
from infrastructure.door.veil import Veil, of_account
from infrastructure.postgres.statements import statements
from infrastructure.store.connections import Connections

_SQL = statements("people")
_NEW = "passkey to set up"
_SHOWN = "passkey to be shown"
_TITLE = "Access ledger"
_NOT_READ = (WebAuthnException, ValueError, TypeError, KeyError)
"""What comes of an answer that is none, or not ours."""


@dataclass(frozen=True, slots=True)
class Passkey:
    """A passkey as its owner sees it."""

    id: str
    name: str | None
    made_at: datetime
    used_at: datetime | None


class Passkeys:
    """The passkeys of a ledger's people, for the address under which it is reached; safe to share between threads."""

    def __init__(self, connections: Connections, challenges: Challenges, origin: str) -> None:
        self._connections = connections
        self._veil = Veil(connections)
        self._challenges = challenges
        self._origin = origin
        self._site = urlsplit(origin).hostname or "localhost"

    def offer(self, holder: str, account: str) -> str:
        """What the browser is asked when a passkey is set up, as JSON."""
        options = generate_registration_options(
            rp_id=self._site,
            rp_name=_TITLE,
            user_name=account,
            user_id=account.encode()[:64],
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.PREFERRED, user_verification=UserVerificationRequirement.PREFERRED
            ),
            exclude_credentials=self._descriptors(account),
        )
        self._challenges.hold(holder, _NEW, options.challenge, tries=1)
        return options_to_json(options)

    def add(self, holder: str, account: str, answer: str, name: str | None) -> None:
        """Keep the passkey of the browser's answer. PeopleError when the answer is not to what was asked."""
        challenge = self._challenges.attempt(holder, _NEW)
        if challenge is None:
            raise PeopleError("That took too long. Set the passkey up again.")
        try:
            found = verify_registration_response(
                credential=answer,
                expected_challenge=challenge,
                expected_rp_id=self._site,
                expected_origin=self._origin,
            )
        except _NOT_READ:
            raise PeopleError("This passkey was not accepted. Try again, or take another one.") from None
        with self._connections.take() as connection:
            kept = connection.execute(
                _SQL["add_passkey"],
                {
                    "id": found.credential_id,
                    "account": account,
                    "public_key": found.credential_public_key,
                    "sign_count": found.sign_count,
                    "name": self._veil.over(of_account(account), name[:NAME_LENGTH] if name else None),
                },
            ).fetchone()
        if kept is None:
            raise PeopleError("This passkey is set up already.")

    def ask(self, holder: str, account: str) -> str:
        """What the browser is asked at a sign-in, as JSON."""
        options = generate_authentication_options(rp_id=self._site, allow_credentials=self._descriptors(account))
        self._challenges.hold(holder, _SHOWN, options.challenge, tries=1)
        return options_to_json(options)

    def check(self, holder: str, account: str, answer: str) -> bool:
        """Whether the answer is to what was asked, by a passkey of this account, and was not copied."""
        challenge = self._challenges.attempt(holder, _SHOWN)
        if challenge is None:
            return False
        try:
            name = parse_authentication_credential_json(answer).raw_id
            kept = self._connections.read(_SQL["passkey"], (name, account))
            if not kept:
                return False
            public_key, count = kept[0]
            found = verify_authentication_response(
                credential=answer,
                expected_challenge=challenge,
                expected_rp_id=self._site,
                expected_origin=self._origin,
                credential_public_key=bytes(public_key),
                credential_current_sign_count=count,
            )
        except _NOT_READ:
            return False
        with self._connections.take() as connection:
            used = {"id": name, "account": account, "sign_count": found.new_sign_count}
            return connection.execute(_SQL["use_passkey"], used).fetchone() is not None

    def of(self, account: str) -> list[Passkey]:
        """The passkeys of an account, the oldest first."""
        rows = self._connections.read(_SQL["passkeys"], (account,))
        names = self._veil.all_under([(of_account(account), row[1]) for row in rows])
        return [
            Passkey(bytes_to_base64url(bytes(key)), name, made_at, used_at)
            for (key, _, made_at, used_at), name in zip(rows, names, strict=True)
        ]

    def drop(self, account: str, name: str) -> bool:
        """Take a passkey away; False when the account has none such."""
        try:
            found = base64url_to_bytes(name)
        except ValueError:
            return False
        with self._connections.take() as connection:
            return connection.execute(_SQL["drop_passkey"], (account, found)).fetchone() is not None

    def _descriptors(self, account: str) -> list[PublicKeyCredentialDescriptor]:
        rows = self._connections.read(_SQL["passkeys"], (account,))
        return [PublicKeyCredentialDescriptor(id=bytes(row[0])) for row in rows]
