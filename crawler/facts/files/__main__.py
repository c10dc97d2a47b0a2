"""`python -m crawler.facts.files`: what the file on standard input says, as JSON on standard output, within limits of time and memory."""

import logging
import resource
import sys

import msgspec

from crawler.facts.files.limits import CPU_SECONDS, MEMORY

resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 1))
resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
logging.disable()

from crawler.facts.files.contents import read_file  # noqa: E402 - the libraries too are loaded within the limits

sys.stdout.buffer.write(msgspec.json.encode(read_file(sys.stdin.buffer.read())))
