"""What an issue of speed or memory names is measured here: `make bench` writes docs/benchmarks.md."""
