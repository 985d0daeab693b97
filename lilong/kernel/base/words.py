"""Words in the city's three languages, for content (not for the interface, which uses gettext)."""

import msgspec

LANGUAGES = ("en", "zh-hans", "ko")


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """One text in three languages. Missing ones fall back to what there is; all three missing is refused by `checked`."""

    en: str = ""
    zh: str = ""
    ko: str = ""

    def within(self, language: str | None) -> str:
        """The text for a Django language code ('en', 'zh-hans', 'ko', 'ko-kr', ...)."""
        wanted = (language or "en").partition("-")[0]
        return getattr(self, wanted, "") or self.en or self.zh or self.ko

    def __str__(self) -> str:
        from django.utils.translation import get_language

        return self.within(get_language())

    @classmethod
    def read(cls, value: "Words | dict[str, str] | str") -> "Words":
        """From what a JSON column holds; a plain string counts as English."""
        if isinstance(value, Words):
            return value
        if isinstance(value, str):
            return cls(en=value)
        return msgspec.convert(value, cls)

    def stored(self) -> dict[str, str]:
        return {k: v for k, v in (("en", self.en), ("zh", self.zh), ("ko", self.ko)) if v}
