"""Is it right, and what does it do: gradient checks, counts, maps, explanations."""
