"""What proves a verdict: messages seen on the wire, and nothing that a part says of itself."""
