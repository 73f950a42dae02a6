"""The editor of a camera's zones, include areas and privacy masks, on its picture."""
