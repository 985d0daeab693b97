"""The interface's texts: found in the source, kept in each app's catalogues, compiled. Needs no gettext installed."""
