"""The log in SQL, and its one writer."""
