"""Django's own command line, for developers (makemigrations, shell); people use `lilong`."""

import os
import sys

from django.core.management import execute_from_command_line

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lilong.site.settings")
execute_from_command_line(sys.argv)
