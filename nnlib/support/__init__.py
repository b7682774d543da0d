"""What everything stands on and no lesson is about: checks, errors, files, threads."""
