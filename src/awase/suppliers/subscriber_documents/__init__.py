"""Subscribers as other cores' tools write them, and as tables: read and written record by record, nothing else lost."""
