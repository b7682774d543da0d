"""All that knows that a row of X is a picture: distortion, damage, handwriting."""
