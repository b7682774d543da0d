"""The loss as a landscape: surfaces, walks on them, curvature, races, learning rates."""
