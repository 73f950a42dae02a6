"""What the commands of `deepcount-engine` do."""
