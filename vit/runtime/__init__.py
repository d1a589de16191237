"""What the program needs to run well and a learner need not read: files, signals, devices, modes, errors."""
