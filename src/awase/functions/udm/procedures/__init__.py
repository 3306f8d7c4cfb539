"""The procedures of a UDM, one file each."""
