"""The demo city's cast: who is there whatever the seed, and the names the others are drawn from."""

from typing import NamedTuple
from uuid import UUID

from lilong.kernel.base import ids
from lilong.kernel.base.words import Words

PASSWORD = "lilong-demo-2020"  # noqa: S105 (of the demo city only; `lilong doctor` warns of it)
OPERATOR = ids.named("demo", "operator")
RESIDENT = ids.named("demo", "resident")
SELLER = ids.named("demo", "seller")
LEADER = ids.named("demo", "leader")
CARRIER = ids.named("demo", "carrier's owner")
COURIER = ids.named("demo", "courier")


class Star(NamedTuple):
    """Someone to sign in as."""

    id: UUID
    name: str
    email: str
    district: str
    language: str
    staff: bool
    part: str


STARS = (
    Star(RESIDENT, "Lin Mei", "resident@demo.lilong", "jingan", "zh-hans", False, "a resident who shops"),
    Star(SELLER, "Wang Jianguo", "seller@demo.lilong", "pudong", "zh-hans", False, "owner of a grocer"),
    Star(LEADER, "Chen Xiaoyun", "leader@demo.lilong", "xuhui", "zh-hans", False, "leader of a community group"),
    Star(CARRIER, "Zhou Ting", "carrier@demo.lilong", "huangpu", "zh-hans", False, "owner of a delivery firm"),
    Star(COURIER, "Zhao Lei", "courier@demo.lilong", "huangpu", "zh-hans", False, "a courier of that firm"),
    Star(OPERATOR, "City operator", "operator@demo.lilong", "huangpu", "en", True, "operator of the city (staff)"),
)


class Chain(NamedTuple):
    """A grocer with front warehouses all over the city. `factor` is its price level in per cent."""

    key: str
    name: Words
    owner: UUID | None
    factor: int
    tax_number: str


CHAINS = (
    Chain("nongtang", Words(en="Nongtang Fresh", zh="弄堂鲜生", ko="농탕 프레시"), SELLER, 100, "91310000MA1K000019"),
    Chain("pujiang", Words(en="Pujiang Pantry", zh="浦江菜篮", ko="푸장 팬트리"), None, 96, "91310000MA1K00002C"),
)
FIRM_KINDS = (
    ("grower", Words(en="growers", zh="农场", ko="농장")),
    ("bakery", Words(en="bakery", zh="烘焙坊", ko="베이커리")),
    ("dairy", Words(en="dairy", zh="乳业", ko="유업")),
    ("fishery", Words(en="fishery", zh="水产", ko="수산")),
    ("logistics", Words(en="logistics", zh="物流", ko="물류")),
    ("machines", Words(en="vending", zh="智能零售", ko="무인 판매")),
)
PLACE_NAMES = (
    ("Suzhou Creek", "苏河", "쑤저우강"), ("Plum Lane", "梅里", "매화골"), ("Lotus", "莲花", "연꽃"), ("Willow", "柳浪", "버들"),
    ("Jade Bridge", "玉桥", "옥교"), ("East Gate", "东门", "동문"), ("Osmanthus", "桂苑", "계수"), ("Red Brick", "红砖", "붉은벽돌"),
    ("White Magnolia", "白玉兰", "백목련"), ("Riverside", "滨江", "강변"),
)  # fmt: skip
FAMILY = ("Wang", "Li", "Zhang", "Liu", "Chen", "Yang", "Zhao", "Huang", "Zhou", "Wu", "Xu", "Sun", "Hu", "Zhu", "Gao", "Lin",
          "He", "Guo", "Ma", "Luo", "Kim", "Park", "Tang", "Shen")  # fmt: skip
GIVEN = ("Wei", "Fang", "Na", "Min", "Jing", "Lei", "Yan", "Jun", "Yong", "Jie", "Juan", "Tao", "Ming", "Chao", "Xia", "Ping",
         "Gang", "Hui", "Bo", "Ting", "Xin", "Yu", "Qing", "Rui")  # fmt: skip
CENTRES_E6 = {
    "huangpu": (31_231_700, 121_484_400), "xuhui": (31_188_500, 121_436_500), "changning": (31_220_400, 121_424_600),
    "jingan": (31_228_500, 121_448_200), "putuo": (31_249_800, 121_397_000), "hongkou": (31_264_600, 121_505_100),
    "yangpu": (31_259_800, 121_526_000), "minhang": (31_112_800, 121_381_700), "baoshan": (31_405_200, 121_489_600),
    "jiading": (31_374_600, 121_265_300), "pudong": (31_221_500, 121_544_700), "jinshan": (30_741_800, 121_342_000),
    "songjiang": (31_032_200, 121_227_700), "qingpu": (31_150_200, 121_124_200), "fengxian": (30_917_800, 121_474_000),
    "chongming": (31_622_900, 121_397_300),
}  # fmt: skip
