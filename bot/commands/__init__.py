"""Commands: the same on every platform that has them, typed after `/ticket` or, in threads, after `!`.

`catalogue` lists them; one table made from it serves parsing, help, rights and completion. One command, one file: a
handler changes what its turn's unit of work holds and returns the document to show. It raises InvalidInput, with a
sentence from the message catalogue, when the person should do something else.
"""
