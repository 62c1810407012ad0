"""One afternoon at a children's home, played on a running stack through its public interfaces alone.

`stage.prepare(stack)` adds what the story needs beside the services (demo clock, mailbox, a centre's system); then
`stage.play(record, as_json)` plays it. Playing it twice is safe: every id and every command id follows from the
story's day, which is fixed when it is played first.
"""
