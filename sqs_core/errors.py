"""The two ways to say no. Their text is for people: it names the file or thing, and what to do."""


class BadInputError(Exception):
    """What was given cannot be read or used; nothing changed. Exit status 2."""


class RefusedError(Exception):
    """What was asked is understood and refused; nothing changed. Exit status 1."""


class ChangedMeanwhileError(RefusedError):
    """Somebody else changed the same thing since it was opened; nothing is overwritten."""
