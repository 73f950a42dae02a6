"""What was counted over any span of time, read from the log and brought down to as many points as are wanted."""
