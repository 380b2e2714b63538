"""The command line, as `aguila` and as `python -m aguila`: it imports nothing from the folder where it runs."""

import sys

from aguila.own_packages import leave_current_folder, require_own_packages
from aguila.process import open_streams, require_open_files, share_heaps


def main() -> None:
    """Run the command line on this project's own packages; any other in their place is one line and status 1."""
    open_streams()
    share_heaps()
    leave_current_folder()
    try:
        require_open_files()
        require_own_packages()
    except (ImportError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(1)
    from aguila.commands.main import main as run

    run()


if __name__ == "__main__":
    main()
