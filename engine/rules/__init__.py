"""When a count becomes an alert; pure: knows no clock, thread or database."""
