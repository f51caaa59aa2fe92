"""What can go wrong with the services, each said in one sentence."""


class ServiceError(Exception):
    """A service cannot run; the message is one line for the person at the terminal."""
