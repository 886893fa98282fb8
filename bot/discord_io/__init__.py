"""Speaking Discord well: what every command needs and none should have to think about twice.

`incidents` is the one error path, `views` the bases on it; `reply` answers over minutes; `split` and `escape`
make texts fit and harmless; `permissions`, `attachments` and `server` check before they act.
"""
