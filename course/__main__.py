"""python -m course build | freeze | run (authors) | lessons | lab | progress (all) | project (learners) | camp (organisers)"""

import sys


def main() -> int:
    """Fetch only what is asked for: a camp's commands need not wait for MindSpore."""
    if sys.argv[1:2] == ["camp"]:
        from course.camp.cli import main as camp

        return camp(sys.argv[2:])
    if sys.argv[1:2] == ["project"]:
        from course.project.cli import main as project

        return project(sys.argv[2:])
    from course.cli import main as others

    return others()


if __name__ == "__main__":
    sys.exit(main())
