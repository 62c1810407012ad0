"""The services and their plumbing, one process each."""

import gc

# Modules and classes are made to stay. Looked at for every 700 of them a service takes a twelfth longer to start.
gc.set_threshold(10_000, 10, 10)
