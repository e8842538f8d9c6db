"""What cannot be served as the file asks."""


class Refused(ValueError):
    """An argument or a use of LitServe that Troupe refuses; the text says what
    to do instead."""


class Warned(UserWarning):
    """Something that is accepted, but has no effect or another one."""
