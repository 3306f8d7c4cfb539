"""Keys and algorithms: TS 33.501 annexes A, C and D, TS 35.206."""
