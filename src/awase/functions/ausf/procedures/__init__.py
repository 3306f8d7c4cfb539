"""The procedures of an AUSF, one file each."""
