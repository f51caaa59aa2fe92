"""What events are told to be, held against gold phrases, our own labelled headlines, and the clock."""
