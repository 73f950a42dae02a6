"""Notifications: whoever is configured is told of alerts, once and in time, or it is known why not."""
