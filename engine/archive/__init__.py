"""Many recordings counted by many processes, of one machine or of several, each in pieces of about a minute."""
