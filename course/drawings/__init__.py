"""Schematic drawings of the course, made by code; `python -m course.drawings` writes course/figures/."""
