"""Forms and editors in windows of their own."""
