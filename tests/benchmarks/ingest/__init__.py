"""What fetching, parsing and storing cost, beside another feed reader on the same feeds in the same run."""
