"""What is made of a lesson, each a function of the document: the learner's notebook, its slideshow, the solved run, and for
a class the teacher's edition, deck, run-sheet, hand-out and quiz (`kit.py` writes them)."""
