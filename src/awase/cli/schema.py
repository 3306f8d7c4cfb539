"""`awase schema`: the JSON schema of the network file, on stdout."""


def schema() -> None:
    """Print the JSON schema of the network file, with the sections of the parts that are installed."""
    from awase.lab.assemble import installed_schema

    print(installed_schema())
