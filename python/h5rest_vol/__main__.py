"""``python -m h5rest_vol env``: prints the exports a shell needs, for ``eval``."""

import argparse
import shlex

from . import variables


def main():
    parser = argparse.ArgumentParser(prog="python -m h5rest_vol", description=__doc__)
    parser.add_argument("command", choices=["env"], help="print the exports for a shell")
    parser.parse_args()
    for name, value in variables().items():
        print(f"export {name}={shlex.quote(value)}")


if __name__ == "__main__":
    main()
