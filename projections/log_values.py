"""What was before and what came after, of the facts that say so: rights, roles, scopes, profiles, records."""

from domain import facts
from projections.origins import Row


def before(data: facts.Data) -> Row | None:
    """What a fact says about the state that it changed."""
    match data:
        case facts.TeamMemberEdited() | facts.RecordEdited() | facts.RecordDeleted():
            return data.before
        case facts.RoleChanged():
            return {"role": data.before, "rights": list(data.rights_before), "scopes": data.scopes_before}
        case facts.RightsEdited():
            return {"revoked": list(data.revoked), "scopes": data.scopes_before}
        case _:
            return None


def after(data: facts.Data) -> Row | None:
    """What a fact says about the state that came of it."""
    match data:
        case facts.TeamMemberEdited() | facts.RecordEdited() | facts.RecordDeleted():
            return data.after
        case facts.RoleChanged():
            return {"role": data.after, "rights": list(data.rights_after), "scopes": data.scopes_after}
        case facts.RightsEdited():
            return {"granted": list(data.granted), "scopes": data.scopes_after}
        case facts.UserInvited() | facts.AccessGranted():
            return {"role": data.role, "rights": list(data.rights), "scopes": data.scopes}
        case facts.TeamMemberAdded():
            return {"name": data.name, "position": data.position}
        case _:
            return None
