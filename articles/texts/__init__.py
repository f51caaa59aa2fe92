"""Rules about one text: its passages, and where a quote stands in it or in a changed one."""
