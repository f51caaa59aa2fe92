"""What can go wrong in the articles' rooms; each error says whether trying again can help."""


class NewsdeskError(Exception):
    """Root of the project's own errors. `permanent` means: the same input will fail again."""

    permanent = True


class ParseFailedError(NewsdeskError):
    """The bytes are no feed, no page or no list of feeds."""


class NotAFeedError(ParseFailedError):
    """The bytes are something else than a feed: a web page, a consent wall, other JSON."""


class SandboxKilledError(NewsdeskError):
    """A limit on time or memory ended the parsing child."""


class StaleLeaseError(NewsdeskError):
    """Somebody else has claimed the row since: nothing of this run may be written."""

    permanent = False


class ConflictError(NewsdeskError):
    """Somebody changed the row between reading and writing; the caller shows both versions."""


class RefusedError(NewsdeskError):
    """What was asked for is not allowed or makes no sense; the message says why and what to do."""


class NamesakeError(RefusedError):
    """There are entities of this name already: the person says which is meant, or that it is another one."""

    def __init__(self, message: str, entity_ids: list[int]) -> None:
        super().__init__(message)
        self.entity_ids = entity_ids


class UnreadableSecretsError(NewsdeskError):
    """Stored secrets that no known key opens; the message says what to do."""


class SearchTooSlowError(NewsdeskError):
    """A search took longer than it may; fewer articles or rarer words are found sooner."""

    def __init__(self) -> None:
        super().__init__("This search takes too long: add a word, a source or a time range.")
