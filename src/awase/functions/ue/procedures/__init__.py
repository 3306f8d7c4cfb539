"""One file per procedure of the UE, named as in the TS."""
