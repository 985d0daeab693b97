"""`python -m lilong.site.messages [app ...]`: brings the catalogues of the house (or of those apps) up to date.

Prints what still wants a translation; the status is 1 while there is any.
"""

import sys

from lilong.site.messages import catalogue
from lilong.site.messages.extract import PACKAGE, apps


def main(names: list[str]) -> int:
    wanted = [app for app in apps() if not names or app.name in names]
    missing = 0
    for app in wanted:
        for language in catalogue.LANGUAGES:
            for finding in catalogue.update(app, language):
                missing += 1
                print(f"{app.relative_to(PACKAGE)} {language}: {finding}")  # noqa: T201
    for language in catalogue.LANGUAGES:
        for (_context, text), ways in catalogue.conflicts(apps(), language).items():
            missing += 1
            print(f"{language}: {text!r} is translated in several ways: {ways}")  # noqa: T201
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
