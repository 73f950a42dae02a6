"""The window of DeepCount: a view on the engine, which runs in threads of its own."""
