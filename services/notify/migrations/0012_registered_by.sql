-- Who registered an endpoint, a person or `client:<id>`: those of a system end with its access. None where an earlier
-- release did not write it down; they end by `remove-endpoint`.
ALTER TABLE endpoint ADD COLUMN registered_by text;
