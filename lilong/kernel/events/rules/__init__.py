"""Pure decisions of the event log: the Merkle tree, canonical JSON, signed notes, envelopes, retries, signatures."""
