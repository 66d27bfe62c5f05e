"""Stories in our own words, and what ten sites make of each: the material for measuring how copies are found.

Stories of one kind share their phrases, as news of one kind does: two price reports differ in metal, place and figures
and must not be taken for copies. What sites do to a wire story: another headline and dateline, a paragraph of their own,
the end cut off, words exchanged, numbers rounded, quotation marks changed.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

METALS = ("neodymium", "dysprosium", "terbium", "praseodymium", "yttrium", "samarium", "lanthanum", "cerium")
PLACES = (
    "Perth",
    "Goiânia",
    "Luleå",
    "Ganzhou",
    "Halifax",
    "Windhoek",
    "Lilongwe",
    "Tallinn",
    "Austin",
    "Kuantan",
    "Nuuk",
)
FIRMS = (
    "Northlight Minerals",
    "Coral Bay Resources",
    "Tamarack Metals",
    "Blue Heron Mining",
    "Saffron Ridge",
    "Ostrava Magnetics",
)
PEOPLE = (
    "Ana Ribeiro",
    "Tom Halloran",
    "Mei Lin",
    "Jonas Berg",
    "Priya Nair",
    "Luka Novak",
    "Sara Haddad",
    "Peter Oyelaran",
)
ROLES = (
    "chief executive",
    "managing director",
    "head of sales",
    "chief geologist",
    "chair of the board",
    "finance chief",
)
# A sentence is an opening, a middle and an end, each drawn on its own: stories share phrases and hardly ever sentences.
OPENINGS = (
    "{firm} said on {day} that",
    "{person}, {role} of {firm}, told reporters in {place} that",
    "A note to investors says that",
    "According to a filing of {month},",
    "People who know the plans say that",
    "Officials in {place} confirmed that",
    "At a hearing in {place} it came out that",
    "In its report for {month} the group writes that",
    "Traders in {place} believe that",
    "The union of the plant at {place} complained that",
    "An engineer who asked not to be named explained that",
    "Two bankers close to the talks expect that",
    "The mayor of {place} was pleased that",
    "Customs figures for {month} show that",
    "A study by the university of {place} found that",
    "Neighbours of the site have known since {month} that",
)
MIDDLES = (
    "{n} tonnes of {metal} oxide left the plant",
    "buyers asked for {n} tonnes more than a year ago",
    "the pit near {place} was dry for {m} days",
    "the price of {metal} went {change} by {m} per cent",
    "a second line for {metal} metal will employ {m} people",
    "the licence covers {n} containers held in port",
    "{n} of the applications were granted and {m} sent back",
    "a state bank lends {n} million dollars over {m} years",
    "drills cut {n} metres of ore {m} kilometres south of {place}",
    "residue from {n} tonnes of clay has to be stored under a roof",
    "the magnets failed {m} of {n} tests in a hot chamber",
    "the contract with a maker of turbines runs for {m} years",
    "stocks of {metal} cover {m} weeks of need",
    "the furnace at {place} was relit after {m} days of repair",
    "a rival from {place} offered {n} dollars a kilogram for {metal}",
    "the court will hear {n} complaints about dust and noise",
    "{m} trucks a day pass the school on their way to {place}",
    "scrap motors yield {n} kilograms of {metal} a shift",
    "the pilot line separated {metal} in {m} steps instead of {n}",
    "the ministry wants {n} tonnes put aside for bad times",
)
ENDS = (
    "while the share fell by {m} per cent",
    "which is less than the {n} tonnes planned",
    "and that more would follow before {month}",
    "although the road to {place} was closed",
    "so that the loan can be paid back early",
    "but gave no figure for {metal}",
    "after a winter with little wind and dear power",
    "because freight from {place} costs {m} dollars more",
    "as the board had promised in {month}",
    "with the help of {n} temporary workers",
    "and blamed a strike in the harbour of {place}",
    "which surprised even the sellers",
    "without saying who will run the place",
    "in spite of rain that flooded the lower bench",
    "and hopes for a better year after {month}",
    "under the eyes of inspectors from {place}",
)
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
MONTHS = ("January", "March", "April", "June", "August", "October", "December")
OWN = (
    "Sign up for our letter on metals and get it each morning before the markets open",
    "The reporters of {site} have followed the company since it was founded in a garage",
    "Photo by a freelance who works for {site} and three other papers in the region",
    "Readers of {site} can send their questions on this article to the desk until Sunday",
)
SYNONYMS = {
    "said": "stated", "plant": "factory", "shipped": "delivered", "price": "quotation", "buyers": "customers", "tonnes": "tons",
    "company": "group", "expect": "reckon", "before": "ahead of", "people": "workers", "best": "strongest", "shortage": "deficit",
    "contract": "agreement", "ore": "rock", "share": "stock", "found": "noted", "approved": "cleared", "near": "close to",
}  # fmt: skip
ZH_OPENINGS = (
    "{firm}周{day}表示，",
    "业内人士在{place}告诉记者，",
    "据{month}月的公告，",
    "海关数据显示，",
    "当地官员证实，",
    "知情人士透露，",
    "一份研究报告指出，",
    "工会方面抱怨说，",
    "{place}的贸易商认为，",
    "公司负责人在座谈会上说，",
    "周边居民反映，",
    "两家银行的分析师预计，",
)
ZH_MIDDLES = (
    "{n}吨{metal}氧化物已经发运",
    "{metal}报价较年初变动百分之{m}",
    "第二条金属生产线将新增就业{m}人",
    "{n}份申请中有{m}份获得批准",
    "银行将提供{n}万元贷款，期限{m}年",
    "钻孔见矿{n}米，位于{place}以南{m}公里",
    "尾渣必须存放在有顶棚的库房",
    "与风机企业的合同期限为{m}年",
    "{metal}库存仅够{m}周使用",
    "停炉检修{m}天后重新点火",
    "法院将审理{n}件粉尘投诉",
    "每天有{m}辆卡车经过学校",
    "废旧电机每班可回收{n}公斤{metal}",
    "中试线把分离步骤减少到{m}步",
)
ZH_ENDS = (
    "低于原计划的{n}吨",
    "预计{month}月前还会增加",
    "但没有公布{metal}的数字",
    "通往{place}的道路一度中断",
    "因为运费上涨了{m}元",
    "这让卖方也感到意外",
    "董事会早在{month}月就作过承诺",
    "并聘用了{n}名临时工",
    "检查组一直在现场",
    "希望{month}月以后情况好转",
)
ZH_METALS, ZH_PLACES, ZH_FIRMS = (
    ("镨钕", "镝", "铽", "钇", "钐", "镧", "铈"),
    ("赣州", "包头", "冕宁", "龙南", "黄冈", "宁波", "厦门"),
    ("远山矿业", "江岸磁材", "北桥资源", "云岭金属"),
)


@dataclass(frozen=True, kw_only=True)
class Copy:
    """What one site shows of one story."""

    story: int
    site: str
    paragraphs: tuple[str, ...]


def copies(*, stories: int, sites: int, seed: int) -> Iterator[Copy]:
    """All copies of all stories, a fifth of the stories in Chinese, in the mixed order in which a day brings them."""
    random_ = random.Random(seed)
    made = []
    for number in range(stories):
        chinese = number % 5 == 0
        wire = _story(random_, chinese=chinese)
        for site in range(sites):
            edited = wire if site == 0 else _edit(random_, wire, f"site{site}.example", chinese=chinese)
            made.append(Copy(story=number, site=f"site{site}.example", paragraphs=edited))
    random_.shuffle(made)
    yield from made


def _story(random_: random.Random, *, chinese: bool) -> tuple[str, ...]:
    """Eight to sixteen sentences about one firm and one metal, two a paragraph."""
    facts = {
        "firm": random_.choice(ZH_FIRMS if chinese else FIRMS),
        "metal": random_.choice(ZH_METALS if chinese else METALS),
    }
    pieces = (ZH_OPENINGS, ZH_MIDDLES, ZH_ENDS) if chinese else (OPENINGS, MIDDLES, ENDS)
    glue, join, end = ("，", "。", "。") if chinese else (" ", ". ", ".")
    lines = []
    for _ in range(random_.randint(8, 16)):
        opening, middle, tail = (_fill(random_, random_.choice(pool), facts, chinese=chinese) for pool in pieces)
        lines.append(f"{opening}{middle}{glue}{tail}" if chinese else f"{opening} {middle} {tail}")
    return tuple(join.join(lines[index : index + 2]) + end for index in range(0, len(lines), 2))


def _fill(random_: random.Random, line: str, facts: dict[str, str], *, chinese: bool) -> str:
    return line.format(
        **facts,
        place=random_.choice(ZH_PLACES if chinese else PLACES),
        person=random_.choice(PEOPLE),
        role=random_.choice(ROLES),
        day=random_.choice("一二三四五") if chinese else random_.choice(DAYS),
        month=random_.randint(1, 12) if chinese else random_.choice(MONTHS),
        n=random_.randint(11, 990),
        m=random_.randint(2, 60),
        change=random_.choice(("up", "down")),
    )


def _edit(random_: random.Random, wire: tuple[str, ...], site: str, *, chinese: bool) -> tuple[str, ...]:
    """What an editor does in five minutes."""
    edited = list(wire)
    if random_.random() < 0.4:
        edited.pop()
    if not chinese:
        edited = [_exchange(random_, paragraph) for paragraph in edited]
        edited[0] = f"{random_.choice(PLACES).upper()}, {random_.choice(MONTHS)} {random_.randint(1, 30)} - {edited[0]}"
    if random_.random() < 0.5:
        edited.insert(random_.randint(1, len(edited)), random_.choice(OWN).format(site=site) + ".")
    return tuple(edited)


def _exchange(random_: random.Random, paragraph: str) -> str:
    """One in seven of the words that have a synonym is exchanged, and some numbers are rounded."""
    words = [SYNONYMS[word] if word in SYNONYMS and random_.random() < 0.15 else word for word in paragraph.split(" ")]
    words = [str(round(int(word), -1)) if word.isdecimal() and random_.random() < 0.1 else word for word in words]
    return " ".join(words)
