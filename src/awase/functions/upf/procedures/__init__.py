"""The UPF's procedures, by the names of TS 29.244."""
