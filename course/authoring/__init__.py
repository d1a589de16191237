"""What makes notebooks from the sources of the lessons, runs them, and keeps their answers."""
