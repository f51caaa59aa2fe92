"""Commands: doors that unpack their arguments and call one function."""
