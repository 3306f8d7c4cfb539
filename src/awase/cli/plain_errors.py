"""What a user sees of an error: one clear message on stderr, and an exit status."""

import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

USAGE = 2
FAILED = 1
INTERNAL = 70
"""EX_SOFTWARE of sysexits.h."""


@contextmanager
def plain_errors() -> Iterator[None]:
    """Turn exceptions into messages; AWASE_TRACEBACK=1 shows where an internal one came from."""
    from awase.lab.problems import NetworkFileError

    try:
        yield
    except NetworkFileError as error:
        _end(str(error), USAGE)
    except BrokenPipeError:
        # The reader of our output went away: nothing to say, and nobody to say it to.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(FAILED)
    except KeyboardInterrupt:
        _end("interrupted", 130)
    except OSError as error:
        name = f"{error.filename}: " if error.filename else ""
        _end(f"{name}{error.strerror or error}", FAILED)
    except Exception as error:
        if os.environ.get("AWASE_TRACEBACK"):
            raise
        frame = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{os.path.basename(frame.filename)}:{frame.lineno}"
        text = f"{type(error).__name__}: {error}"
        _end(f"this is a fault of awase: {text} ({place}); AWASE_TRACEBACK=1 shows more", INTERNAL)


def _end(message: str, status: int) -> None:
    print(f"awase: {message}", file=sys.stderr)
    sys.exit(status)
