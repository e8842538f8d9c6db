"""Models of inputs and outputs."""
