"""A child process that tells what it was given."""

import os
import sys

if __name__ == "__main__":
    sys.stdout.write(str(dict(os.environ)))
