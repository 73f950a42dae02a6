"""Spot checks: how many people single frames truly have, as somebody clicked their heads, and what follows from it."""
