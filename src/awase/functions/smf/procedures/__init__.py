"""One file per procedure of TS 23.502 and TS 23.527, in the words of the TS."""
