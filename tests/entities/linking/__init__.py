"""The steps of linking, one by one."""
