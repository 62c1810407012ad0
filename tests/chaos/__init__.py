"""`./linli chaos`: real commands while everything is killed at random, then an account of what became of each."""
