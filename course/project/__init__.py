"""A learner's own project: from a folder of photographs to a page that tells what was done and what came of it."""

from course.project.project import Project

__all__ = ["Project"]
