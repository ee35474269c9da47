"""The cases as pages that anybody can read: what happened, what is asked, what the ledger has to answer.

`python -m tests.acceptance.sheet` writes them anew into sheets/, one page for each letter.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, TypeAlias

from infrastructure.catalogues import shipped_catalogues
from tests.acceptance import words
from tests.acceptance.stories import HERE, Content, case_files, command_files, instant, load

SHEETS = HERE / "sheets"
_CATALOGUE = shipped_catalogues()[1]
_FEW = 6
"""So many rights are named one by one; more are counted."""

_USUAL_TERMS = {
    ("service_providers", "2020-01-01T00:00:00Z", "2020-01-01T00:00:00Z"),
    ("client_interaction", "2024-02-15T00:00:00Z", "2024-03-15T00:00:00Z"),
    ("access_rights", "2026-01-12T00:00:00Z", "2026-02-03T00:00:00Z"),
}
_HEAD = """# Cases {letter}

Made from the files in `cases/` and `commands/`; do not edit this page, run `python -m tests.acceptance.sheet`.

Times are in UTC. In every case three generations of terms were published, and are not listed again:
`service_providers` from 1 January 2020, `client_interaction` from 15 March 2024, `access_rights` from 3 February 2026.
The numbers under "rests on" are those of the list of what happened.
"""

Data: TypeAlias = Mapping[str, Any]


def sheets() -> dict[str, str]:
    """Every page by the name of its file."""
    pages: dict[str, list[str]] = {}
    for path in [*case_files(), *command_files()]:
        case = load(path)
        pages.setdefault(path.stem.rstrip("0123456789"), []).append(page_of(case))
    whole = {letter: "\n".join([_HEAD.format(letter=letter), *parts]) for letter, parts in pages.items()}
    return {f"{letter}.md": re.sub(r"\n{3,}", "\n\n", text).strip() + "\n" for letter, text in whole.items()}


def page_of(case: Content) -> str:
    """One case as a section of its page."""
    facts = case["facts"] if "facts" in case else case["given_facts"]
    story = Story(facts)
    lines = [f"## {case['id']}. {case['title']}", "", case["why"], "", "What happened:", "", *story.told(), ""]
    for number, question in enumerate(case.get("questions", ()), start=1):
        lines += [*asked(number, question, story), ""]
    if "attempts" in case:
        lines += [*attempted(case["attempts"], story), ""]
    return "\n".join(lines)


class Story:
    """The facts of one case, numbered, with the names that they give to members and accounts."""

    def __init__(self, facts: Sequence[Content]) -> None:
        self._shown = [fact for fact in facts if not _usual_terms(fact)]
        self._names: dict[str, str] = {}
        self._numbers: dict[str, str] = {}
        for number, fact in enumerate(self._shown, start=1):
            inner: Content | None = fact
            while inner is not None:
                data = inner["data"]
                self._numbers.setdefault(inner["id"], str(number))
                if data.get("name") and (who := data.get("member") or data.get("account")):
                    self._names.setdefault(who, data["name"])
                inner = data.get("fact") if inner["type"] == "Correction" else None

    def told(self) -> Iterator[str]:
        """What happened, in numbered lines."""
        several = len({fact.get("location") for fact in self._shown} - {None}) > 1
        for number, fact in enumerate(self._shown, start=1):
            where = f"{fact['location']}: " if several and "location" in fact else ""
            effect = ""
            if fact["effective_at"] != fact["recorded_at"] and fact["type"] != "Correction":
                effect = f" It takes effect on {moment(fact['effective_at'])}."
            yield f"{number}. {moment(fact['recorded_at'])}: {where}{self.sentence(fact)}{effect}{self._by(fact)}"

    def who(self, name: str | None) -> str:
        """A member or an account by name and id."""
        if name is None:
            return "nobody"
        given = self._names.get(name)
        return f"{given} (`{name}`)" if given is not None else f"`{name}`"

    def rests_on(self, fact_ids: Sequence[str]) -> str:
        """The numbers of facts."""
        return words.join(sorted((self._numbers.get(one, "?") for one in fact_ids), key=lambda text: (len(text), text)))

    def sentence(self, fact: Content) -> str:
        """One fact in a plain sentence."""
        data = fact["data"]
        if fact["type"] == "Correction":
            return self._correction(fact, data)
        tell = _SENTENCES.get(fact["type"])
        return tell(self, data) if tell is not None else f"{fact['type']}: {_plain(data)}."

    def _correction(self, fact: Content, data: Data) -> str:
        why = f" ({fact['reason']})" if fact.get("reason") else ""
        line = self._numbers.get(data["corrects"] or "", "?")
        inner = data["fact"]
        if inner is None:
            return f"line {line} is declared never to have happened, and so is what it brought about{why}."
        said = f"on {moment(inner['effective_at'])}: {self.sentence(inner)}"
        if data["kind"] == "replace":
            return f"line {line} was wrong{why}; right is, {said}"
        return f"it becomes known late{why}, what happened {said}"

    def _by(self, fact: Content) -> str:
        cause = fact.get("caused_by")
        return f" (Brought about by line {self._numbers.get(cause, '?')}.)" if cause is not None else ""


def moment(text: str) -> str:
    """An instant as people write it."""
    at = instant(text)
    exact = f"{at:%Y-%m-%d %H:%M:%S.%f}" if at.microsecond else f"{at:%Y-%m-%d %H:%M:%S}"
    return exact if at.microsecond or at.second else f"{at:%Y-%m-%d %H:%M}"


def rights_of(role: str, rights: Sequence[str]) -> str:
    """A list of rights in a few words: the role's usual ones, or what is different, or how many of which kind."""
    held, usual = set(rights), set(_CATALOGUE.defaults_of(role))
    more, less = sorted(held - usual), sorted(usual - held)
    if not held:
        return "no rights at all"
    if not more and not less:
        return "the role's usual rights"
    if len(more) + len(less) <= _FEW:
        changes = [f"with {_named(more)}" if more else "", f"without {_named(less)}" if less else ""]
        return f"the role's usual rights, {words.join(change for change in changes if change)}"
    if len(held) <= _FEW:
        return f"these rights alone: {_named(sorted(held))}"
    paid = [slug for slug in held if slug in _CATALOGUE.rights and _CATALOGUE.rights[slug].billing_class == "P"]
    return f"{len(held)} rights of its own choosing, {len(paid) or 'none'} of which can make billable"


def right(slug: str) -> str:
    """A right as the catalogue names it."""
    known = _CATALOGUE.rights.get(slug)
    return f'"{known.name.partition(" (")[0]}"' if known is not None else f"`{slug}` (not in the catalogue)"


def _named(slugs: Sequence[str]) -> str:
    return words.join(right(slug) for slug in slugs)


def _plain(data: Data) -> str:
    return ", ".join(f"{key} {value}" for key, value in data.items())


def _usual_terms(fact: Content) -> bool:
    said = (fact["data"].get("terms"), fact["recorded_at"], fact["effective_at"])
    return fact["type"] == "TermsPublished" and said in _USUAL_TERMS


def _given(story: Story, data: Data) -> str:
    scopes = {slug: value for slug, value in data["scopes"].items() if isinstance(value, str)}
    bound = f", bound to {words.join(sorted(set(scopes.values())))}" if scopes else ""
    linked = f", linked to {story.who(data['member'])}" if data.get("member") else ""
    return f"as {data['role'].replace('_', ' ')} with {rights_of(data['role'], data['rights'])}{bound}{linked}"


def _edited_rights(story: Story, data: Data) -> str:
    given = f"gets {_named(data['granted'])}" if data["granted"] else ""
    taken = f"loses {_named(data['revoked'])}" if data["revoked"] else ""
    return f"{story.who(data['account'])} {words.join(part for part in (given, taken) if part)}."


def _period(data: Data) -> str:
    seats = f"{data['seats']} seats" if data["seats"] else "unlimited seats"
    return (
        f"subscription {data['subscription']} under `{data['terms']}`, {seats}, "
        f"from {moment(data['starts_at'])} to {moment(data['ends_at'])}"
    )


def _hours(story: Story, data: Data) -> str:
    until = f"up to {data['until']}" if data["until"] is not None else "without an end"
    return f"working hours of {story.who(data['member'])} are planned {until}."


_SENTENCES: Mapping[str, Callable[[Story, Data], str]] = {
    "LocationOpened": lambda _, d: f"the location {d['name']} opens (time zone {d['time_zone']}).",
    "LocationJoinedChain": lambda _, d: f"the location joins the chain {d['chain']}.",
    "LocationLeftChain": lambda _, d: f"the location leaves the chain {d['chain']}.",
    "TeamMemberAdded": lambda s, d: f"{s.who(d['member'])} becomes a team member.",
    "TeamMemberEdited": lambda s, d: f"the record of {s.who(d['member'])} is edited: {_plain(d['after'])}.",
    "AddedToSchedule": lambda s, d: f"{s.who(d['member'])} is put on the schedule.",
    "RemovedFromSchedule": lambda s, d: f"{s.who(d['member'])} is taken off the schedule.",
    "WorkingHoursPlanned": _hours,
    "TeamMemberDismissed": lambda s, d: f"{s.who(d['member'])} is dismissed as of {d['dismissal_date']}.",
    "DismissalCancelled": lambda s, d: f"the dismissal of {s.who(d['member'])} is cancelled.",
    "TeamMemberDeleted": lambda s, d: f"the record of {s.who(d['member'])} is deleted.",
    "TeamMemberRestored": lambda s, d: f"the record of {s.who(d['member'])} is restored.",
    "UserInvited": lambda s, d: f"{s.who(d['account'])} is invited {_given(s, d)}.",
    "InvitationAccepted": lambda s, d: f"{s.who(d['account'])} accepts the invitation.",
    "InvitationWithdrawn": lambda s, d: f"the invitation of {s.who(d['account'])} is taken back.",
    "InvitationExpired": lambda s, d: f"the invitation of {s.who(d['account'])} runs out.",
    "AccessGranted": lambda s, d: f"{s.who(d['account'])} gets access {_given(s, d)}.",
    "RoleChanged": lambda s, d: (
        f"{s.who(d['account'])} is no longer {d['before'].replace('_', ' ')} but {d['after'].replace('_', ' ')}, "
        f"with {rights_of(d['after'], d['rights_after'])}."
    ),
    "RightsEdited": _edited_rights,
    "UserLinked": lambda s, d: f"the user {s.who(d['account'])} is linked to {s.who(d['member'])}.",
    "UserUnlinked": lambda s, d: f"the user {s.who(d['account'])} is unlinked from {s.who(d['member'])}.",
    "AccessRevoked": lambda s, d: f"{s.who(d['account'])} loses the access.",
    "TermsPublished": lambda _, d: f"the terms `{d['terms']}` are published, from {d['from']}.",
    "SubscriptionPurchased": lambda _, d: f"{_period(d)} is bought.",
    "SubscriptionRenewed": lambda _, d: f"{_period(d)} is renewed.",
    "RenewalFailed": lambda _, d: f"the charge to renew subscription {d['subscription']} fails.",
    "SeatsAdded": lambda _, d: f"{d['seats']} more seats are bought for subscription {d['subscription']}.",
    "SeatsCharged": lambda _, d: f"subscription {d['subscription']} is charged for {d['billable']} billable seats.",
    "RecordEdited": lambda _, d: f"the {d['entity']} {d['entity_id']} is edited.",
    "RecordDeleted": lambda _, d: f"the {d['entity']} {d['entity_id']} is deleted.",
}


def asked(number: int, question: Content, story: Story) -> Iterator[str]:
    """One question and what has to be answered."""
    known = f", as known on {_when(question['known'])}" if question["known"] is not None else ""
    yield f"**Question {number}.** Who is billable in {question['location']} on {_when(question['on'])}{known}?"
    yield ""
    expect = question["expect"]
    counts = words.join(_counts(expect))
    if counts != "nothing":
        yield f"Answer: {counts}."
        yield ""
    if expect.get("seats"):
        yield "| Who | Billable | Why | Rests on | Also |"
        yield "|---|---|---|---|---|"
        for name, seat in expect["seats"].items():
            yield _row(name, seat, story)
        yield ""
    yield from _rest(expect, story)


def _when(text: str | None) -> str:
    if text is None:
        return "the last day of the story"
    return moment(text) if "T" in text else f"{date.fromisoformat(text):%Y-%m-%d} (end of the day)"


def _counts(expect: Content) -> Iterator[str]:
    names = {"billable": "billable", "free": "free", "over": "over the limit", "available": "seats bought"}
    for key, name in names.items():
        if key in expect:
            yield f"{'unlimited' if expect[key] is None else expect[key]} {name}"
    if "subscription" in expect:
        found = expect["subscription"]
        if found is None:
            yield "no subscription yet"
        for key, value in (found or {}).items():
            lapsed = "the subscription is over" if value else "the subscription runs"
            yield lapsed if key == "lapsed" else f"the {key.replace('_', ' ')} of the subscription: `{value}`"


def _row(name: str, seat: Content, story: Story) -> str:
    rights = {f"right:{slug}": right(slug) for slug in seat.get("rights", ())}
    why = [words.REASONS.get(code, code) for code in seat.get("codes", ()) if code != "right" or not rights]
    why += [f"may {named}" for named in rights.values()]
    causes = [
        f"{right(key.partition(':')[2]) if ':' in key else words.REASONS.get(key, key)}: {story.rests_on(ids)}"
        for key, ids in seat.get("because", {}).items()
    ]
    also = [_note(text) for text in seat.get("notes", ())]
    also += [f"not: {_note(text)}" for text in seat.get("no_notes", ())]
    if "account" in seat:
        also.append(f"linked to `{seat['account']}`" if seat["account"] and seat["account"] != name else "not linked")
    if "name" in seat:
        also.append(f"shown as {seat['name']}")
    billable = {True: "yes", False: "no", None: ""}[seat.get("billable")]
    return f"| {story.who(name)} | {billable} | {'; '.join(why)} | {'; '.join(causes)} | {'; '.join(also)} |"


def _note(text: str) -> str:
    code, _, slug = text.partition(":")
    return f"{words.NOTES.get(code, code)}{f', {right(slug)}' if slug else ''}"


def _rest(expect: Content, story: Story) -> Iterator[str]:
    if "on" in expect:
        yield f"The day ends at {moment(expect['on'])}."
        yield ""
    if "former" in expect:
        gone = [f"{story.who(who)}: {words.ENDS.get(code, code)}" for who, code in expect["former"].items()]
        yield f"No longer there: {', '.join(gone) or 'nobody'}."
        yield ""
    if expect.get("absent"):
        yield f"Not in the answer at all: {words.join(story.who(who) for who in expect['absent'])}."
        yield ""
    if "order" in expect:
        yield f"In this order: {', '.join(story.who(who) for who in expect['order'])}."
        yield ""


def attempted(attempts: Sequence[Content], story: Story) -> Iterator[str]:
    """Attempts, each on what happened above alone, and what comes of them."""
    yield "What somebody tries, each time with only the above having happened, and what comes of it:"
    yield ""
    yield "| When | Who | What | Outcome |"
    yield "|---|---|---|---|"
    for attempt in attempts:
        command = attempt["command"]
        given = ", ".join(f"{key} {_value(value)}" for key, value in command.get("data", {}).items())
        where = f" in {command['location']}" if "location" in command else ""
        what = f"{command['command'].replace('_', ' ')}{where}: {given}"
        who = story.who(command["actor"]["id"])
        yield f"| {moment(attempt['at'])} | {who} | {what} | {_outcome(attempt['expect'], story)} |"


def _value(value: object) -> str:
    if value is None or value == "":
        return "(left empty)"
    if isinstance(value, dict):
        return words.join(f"{key} {_value(one)}" for key, one in value.items())
    return words.join(str(one) for one in value) if isinstance(value, list) else str(value)


def _outcome(expect: Content, story: Story) -> str:
    if "refused" in expect:
        extra = [f"{key.replace('_', ' ')} {_value(value)}" for key, value in expect.items() if key != "refused"]
        return f"refused: {words.REFUSALS.get(expect['refused'], expect['refused'])}{''.join(f', {e}' for e in extra)}"
    recorded = []
    for fact in expect.get("appended", ()):
        at = f" as of {moment(fact['effective_at'])}" if "effective_at" in fact else ""
        data = ", ".join(_value(value) for value in fact.get("data", {}).values())
        recorded.append(f"{_spaced(fact['type'])} ({data}){at}")
    left = expect.get("refused_locations")
    return f"recorded: {'; '.join(recorded)}{f'; left out: {_value(list(left))}' if left else ''}"


def _spaced(name: str) -> str:
    """TeamMemberDismissed as people write it."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()


def main(folder: Path = SHEETS) -> None:
    """Write every page anew."""
    folder.mkdir(exist_ok=True)
    wanted = sheets()
    for old in folder.glob("*.md"):
        if old.name not in wanted:
            old.unlink()
    for name, text in wanted.items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
