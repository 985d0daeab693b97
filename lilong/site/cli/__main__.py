import sys

from lilong.site.cli import main

sys.exit(main())
