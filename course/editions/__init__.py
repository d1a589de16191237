"""What is made of a lesson, each a function of the document alone: the learner's notebook, which is also a deck."""
