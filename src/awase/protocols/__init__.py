"""What two boxes must agree on: one folder per protocol, under the protocol's own name."""
