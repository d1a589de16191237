"""For instructors: a stick that installs without a network, and what learners hand in."""
