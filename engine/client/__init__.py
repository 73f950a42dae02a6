"""What a program knows of a service that runs elsewhere, over its HTTP interface, in the words of the engine's own."""
