"""What runs in the learner's kernel: checks, hints, the check-in and its card, models and data at hand."""
