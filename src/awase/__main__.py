"""`python -m awase` is `awase`."""

from awase.cli.main import main

main()
