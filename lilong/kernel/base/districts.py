"""The city's sixteen districts: GB/T 2260 code, slug and name. Records and events name a district by its slug."""

import msgspec

from lilong.kernel.base.words import Words


class District(msgspec.Struct, frozen=True):
    """`code` is the GB/T 2260 division code; `central` marks the seven districts of the inner city."""

    slug: str
    code: str
    name: Words
    central: bool = False


def _named(slug: str, code: str, en: str, zh: str, ko: str, central: bool = False) -> District:
    return District(slug, code, Words(en=en, zh=zh, ko=ko), central)


DISTRICTS: tuple[District, ...] = (
    _named("huangpu", "310101", "Huangpu", "黄浦区", "황푸구", True),
    _named("xuhui", "310104", "Xuhui", "徐汇区", "쉬후이구", True),
    _named("changning", "310105", "Changning", "长宁区", "창닝구", True),
    _named("jingan", "310106", "Jing'an", "静安区", "징안구", True),
    _named("putuo", "310107", "Putuo", "普陀区", "푸퉈구", True),
    _named("hongkou", "310109", "Hongkou", "虹口区", "훙커우구", True),
    _named("yangpu", "310110", "Yangpu", "杨浦区", "양푸구", True),
    _named("minhang", "310112", "Minhang", "闵行区", "민항구"),
    _named("baoshan", "310113", "Baoshan", "宝山区", "바오산구"),
    _named("jiading", "310114", "Jiading", "嘉定区", "자딩구"),
    _named("pudong", "310115", "Pudong", "浦东新区", "푸둥신구"),
    _named("jinshan", "310116", "Jinshan", "金山区", "진산구"),
    _named("songjiang", "310117", "Songjiang", "松江区", "쑹장구"),
    _named("qingpu", "310118", "Qingpu", "青浦区", "칭푸구"),
    _named("fengxian", "310120", "Fengxian", "奉贤区", "펑셴구"),
    _named("chongming", "310151", "Chongming", "崇明区", "충밍구"),
)
BY_SLUG: dict[str, District] = {district.slug: district for district in DISTRICTS}
SLUGS: tuple[str, ...] = tuple(BY_SLUG)
