"""From frames of many cameras to readings."""
