"""The commands of `deepcount-trainer`, one module each; all that prints is here."""
