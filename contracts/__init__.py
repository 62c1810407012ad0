"""The shared language of Linli: one declaration per command, query and event (architecture section 4)."""
