"""Journeys across fields: one file a journey, each hearing facts of the log and answering by fields' doors."""
