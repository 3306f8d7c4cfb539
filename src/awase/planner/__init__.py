"""Completes an estate: diversity, bans, migration, cost, resilience.

`loading.case.load_case` reads an estate (files, a folder, or the name of a shipped example) into a `Case`;
`rules` judges a case without any plan; `diversity` says what hangs on one supplier.
"""
