"""What stands up to questions: a report that people read, and a bundle of all that it was made of."""
