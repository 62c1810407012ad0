"""The keyring: a key per person, in a database of its own, under the master keys of a file (docs/decisions/0015).

Registry alone comes here. What it keeps of a person is sealed with her key: without the key nobody reads it, in no
copy and no backup, and to erase her is to destroy it.
"""
