"""A lesson as a typed thing: its cells with their marks, its exercises, both languages."""
