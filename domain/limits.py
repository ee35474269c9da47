"""The limits of the ledger, each written once and enforced by the types that use it."""

IDENTIFIER_LENGTH = 128
"""Characters of an id of a location, account, member, subscription or device (facts.md, section 2)."""

NAME_LENGTH = 300
"""Characters of a name of a person, place or position."""

TEXT_LENGTH = 4_000
"""Characters of a free text: a reason, a contact, a user agent."""

RIGHTS_COUNT = 2_000
"""Slugs in one list of rights; the catalogue has 276."""

FREE_OBJECT_KEYS = 500
"""Keys of one free object: the fields of an edited record, a filter, scopes."""

FREE_OBJECT_DEPTH = 8
"""Levels of nesting in a free object."""

CORRECTION_DEPTH = 8
"""Corrections inside corrections inside corrections."""

KEYS_COUNT = 10_000
"""Subjects, or keys, that one fact of an erasure names."""

LINE_BYTES = 1_000_000
"""Bytes of one line of a fact file or of one command."""

SEATS_COUNT = 1_000_000
"""Seats of one subscription."""

LARGEST_INTEGER = 2**53 - 1
"""Largest integer that every JSON reader keeps exactly."""

EARLIEST_YEAR = 1900
LATEST_YEAR = 9998
"""Years that an instant or a date may name: one day can always be added."""
