"""The vocabulary: parts, packets, events, networks, casts, runs, identifiers, reference points."""
