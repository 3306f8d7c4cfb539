"""Service based interfaces: HTTP exchanges, their JSON bodies and the service operations (TS 29.500)."""
