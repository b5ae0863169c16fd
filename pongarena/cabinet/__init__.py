"""The match window: the cabinet around a match, with the minds on its glass."""
