"""Speaking Discord well: what every command needs and none should have to think about twice.

`incidents` is the one error path, and `views` has the bases that lead to it. `desk` holds the work under way,
`reply` answers over minutes, `shelf` keeps what came too late. `split` and `escape` make texts fit and be
harmless. `access` is the one check of who may do what; `permissions`, `attachments` and `server` check the
rest before anything is done.
"""
