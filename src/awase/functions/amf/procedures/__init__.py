"""The AMF's procedures, one file each, under the standard's name."""
