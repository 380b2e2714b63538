"""`python -m aguila`: the command line."""

from aguila.cli import main

if __name__ == "__main__":
    main()
