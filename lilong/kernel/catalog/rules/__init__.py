"""Pure decisions of the catalog: what an offer must satisfy, and how texts and queries are cut into tokens."""

from lilong.kernel.catalog.rules.offers import check, facts_of, fingerprint, searched
from lilong.kernel.catalog.rules.tokens import Query, Token, query, tokens, vector

__all__ = ["Query", "Token", "check", "facts_of", "fingerprint", "query", "searched", "tokens", "vector"]
