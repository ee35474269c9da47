"""decide(command, standing) -> facts or a refusal: the judgement of one location (rules.md)."""

from domain.decisions.deciding import Decision, decide
from domain.decisions.enveloping import NAMED, SAID, fact_id, facts_of, refused_fact
from domain.decisions.standing import Draft, Standing

__all__ = ["NAMED", "SAID", "Decision", "Draft", "Standing", "decide", "fact_id", "facts_of", "refused_fact"]
