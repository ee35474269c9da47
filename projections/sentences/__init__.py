"""Facts in plain English: one class words them all, each subject in a file of its own."""

from projections.sentences.sentences import Sentences

__all__ = ["Sentences"]
