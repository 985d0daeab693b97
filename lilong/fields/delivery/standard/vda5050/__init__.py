"""VDA 5050, the interface between master control and vehicles: topics, messages, the published schemas."""
