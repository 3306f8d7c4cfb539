"""`awase networks`: what ships, one line each."""


def networks() -> None:
    """List the networks that ship."""
    from awase.lab.network_file import shipped

    titles = shipped()
    width = max(map(len, titles), default=0)
    for name, title in titles.items():
        print(f"{name:<{width}}  {title}".rstrip())
