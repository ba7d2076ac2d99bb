"""Files of the Uppsala Conflict Data Program that a user has, read into patterns."""
