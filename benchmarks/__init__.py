"""Speed side by side with other programs, in one run. See benchmarks/README.md."""
