"""What is made of a lesson, each a function of the document alone: the learner's notebook (also a deck), the solved run."""
