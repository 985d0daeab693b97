"""What can go wrong on the machine below us."""


class HostFailed(RuntimeError):
    """The message is one line for people: what is wrong and what to do."""
