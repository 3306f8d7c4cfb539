"""RLS: the radio link over UDP of UERANSIM, version 3.3.0."""
