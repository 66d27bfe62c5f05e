"""Pages whose articles and footers are known: five languages, four themes, footers in other words. All text is ours."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ARTICLES = {
    "en": (
        "Port of Lindmoor signs supply deal for magnet alloys with two northern smelters",
        [
            "The port of Lindmoor has signed a ten-year agreement with two northern smelters to handle shipments of magnet alloys, its director said on Tuesday. The first vessel is expected in March, when the new covered quay opens.",
            "Under the deal the smelters will send about 14,000 tonnes of neodymium and praseodymium alloy a year through the port, roughly a third of what the region’s motor makers need. “We have waited six years for this,” said Harriet Oll, who runs the port.",
            "The agreement follows a winter in which three carmakers halted production lines for want of magnets. Officials in the ministry of trade had urged the port to find partners within the region rather than wait for imports.",
            "Analysts were divided on the price. Tomas Reed of Calder Research said the smelters had accepted a margin that was “close to nothing” in exchange for a guaranteed berth, while others pointed to a clause that lets them raise prices from the fourth year.",
            "Environmental groups have asked for the minutes of the meetings in which the quay was approved. They say that dust from the alloys has not been studied well enough, and that the houses on Tarn Street stand only two hundred metres from the sheds.",
            "The port answered that the sheds are closed and kept under lower pressure, so that nothing can leave them. A report by the university’s institute of materials is to be published before the first ship arrives.",
        ],
    ),
    "de": (
        "Hafen Lindmoor schließt Liefervertrag für Magnetlegierungen",
        [
            "Der Hafen Lindmoor hat mit zwei Hütten im Norden einen Vertrag über zehn Jahre geschlossen, um Magnetlegierungen umzuschlagen, wie der Direktor am Dienstag mitteilte. Das erste Schiff wird im März erwartet, wenn der neue überdachte Kai eröffnet wird.",
            "Nach dem Vertrag schicken die Hütten jährlich rund 14.000 Tonnen Neodym- und Praseodymlegierung durch den Hafen, etwa ein Drittel dessen, was die Motorenbauer der Region brauchen. „Wir haben sechs Jahre darauf gewartet“, sagte Harriet Oll, die den Hafen leitet.",
            "Vorausgegangen war ein Winter, in dem drei Autohersteller ihre Bänder anhalten mussten, weil Magnete fehlten. Beamte des Handelsministeriums hatten den Hafen gedrängt, Partner in der Region zu suchen.",
            "Analysten sind sich über den Preis uneins. Tomas Reed vom Institut Calder sagte, die Hütten hätten für einen sicheren Liegeplatz auf fast jeden Gewinn verzichtet, andere verwiesen auf eine Klausel, die ab dem vierten Jahr höhere Preise erlaubt.",
            "Umweltverbände verlangen die Protokolle der Sitzungen, in denen der Kai genehmigt wurde. Der Staub der Legierungen sei nicht gut genug untersucht, sagen sie, und die Häuser in der Tarnstraße stünden nur zweihundert Meter entfernt.",
            "Der Stadtrat will in der zweiten Januarwoche abstimmen. Scheitert die Vorlage, können die Hütten innerhalb von neunzig Tagen zurücktreten.",
        ],
    ),
    "ru": (
        "Порт Линдмур заключил договор о поставках сплавов для магнитов",
        [
            "Порт Линдмур заключил с двумя северными комбинатами десятилетний договор о перевалке сплавов для магнитов, сообщил во вторник его директор. Первое судно ожидают в марте, когда откроется новый крытый причал.",
            "По договору комбинаты будут отправлять через порт около 14 тысяч тонн сплава неодима и празеодима в год, примерно треть того, что нужно производителям двигателей региона. «Мы ждали этого шесть лет», — сказала глава порта Харриет Олл.",
            "Договору предшествовала зима, когда три автозавода остановили конвейеры из-за нехватки магнитов. В министерстве торговли просили порт искать партнёров внутри региона.",
            "Аналитики расходятся в оценке цены. Томас Рид из компании «Калдер» считает, что комбинаты отказались почти от всей прибыли ради гарантированного причала, другие указывают на пункт, который разрешает повышать цены с четвёртого года.",
            "Экологи требуют протоколы заседаний, на которых был одобрен причал. По их словам, пыль сплавов изучена недостаточно, а дома на улице Тарн стоят всего в двухстах метрах.",
            "Городской совет проголосует во вторую неделю января. Если решение не примут, комбинаты смогут выйти из договора в течение девяноста дней.",
        ],
    ),
    "zh": (
        "林德穆尔港与两家冶炼厂签订磁材合金供应协议",
        [
            "林德穆尔港负责人周二表示，该港已与北部两家冶炼厂签订为期十年的协议，负责磁材合金的装卸运输。首艘货轮预计将于三月新的封闭码头启用时抵达。",
            "根据协议，两家冶炼厂每年将通过该港运送约一万四千吨镨钕合金，约占本地区电机企业需求量的三分之一。港口负责人奥尔说：“我们为此等了六年。”",
            "此前的冬天里，三家汽车企业因磁材短缺而停产。商务主管部门曾敦促港口在区域内寻找合作伙伴，而不是等待进口。",
            "分析人士对价格看法不一。卡尔德研究所的里德认为，冶炼厂为了换取固定泊位几乎放弃了全部利润；也有人指出，协议中有一项条款允许其从第四年起提价。",
            "环保团体要求公开批准码头项目的会议纪要。他们认为合金粉尘的影响尚未得到充分研究，而塔恩街的住宅距离仓库仅有两百米。",
            "市议会计划于一月第二周进行表决。如果未能通过，冶炼厂可在九十天内退出协议，将货物改运至韦辛港。",
        ],
    ),
    "ja": (
        "リンドムーア港、磁石用合金の供給契約を締結",
        [
            "リンドムーア港の責任者は火曜日、北部の製錬所二社と磁石用合金の取り扱いについて十年間の契約を結んだと発表した。最初の船は、新しい屋根付き岸壁が開く三月に到着する見込みだ。",
            "契約によると、製錬所は年間およそ一万四千トンのネオジムとプラセオジムの合金を同港経由で出荷する。地域のモーターメーカーが必要とする量の約三分の一にあたる。港を率いるオル氏は「六年間この日を待っていた」と話した。",
            "この冬には磁石の不足により自動車メーカー三社が生産ラインを止めていた。通商当局は輸入を待つのではなく、地域内で提携先を探すよう港に求めていた。",
            "価格について専門家の見方は分かれている。調査会社のリード氏は、製錬所が岸壁の確保と引き換えに利益をほとんど手放したと指摘する一方、四年目から値上げできる条項に注目する声もある。",
            "環境団体は岸壁の建設を承認した会議の議事録を公開するよう求めている。合金の粉じんについて十分な調査が行われていないと主張している。",
            "市議会は一月の第二週に採決を行う予定だ。否決された場合、製錬所は九十日以内に契約から離れることができる。",
        ],
    ),
}
SITES = {
    "en": "The Harbour Ledger",
    "de": "Kieler Warte",
    "ru": "Северный причал",
    "zh": "港湾日报",
    "ja": "みなと新聞",
}
# Each is one or more blocks of HTML; {site} is the site's name.
POINTERS = {
    "en": [
        "Also read: <a href='/a'>Harbour fees to rise again</a>",
        "READ MORE | Harbour fees to rise again",
        "Don’t miss — Harbour fees to rise again",
        "You may like: <a href='/a'>Harbour fees to rise again</a>",
        "Must read: Harbour fees to rise again",
        "Recommended: Harbour fees to rise again",
        "[Also read: Harbour fees to rise again]",
        "In case you missed it: Harbour fees to rise again",
    ],
    "de": [
        "Lesen Sie auch: <a href='/a'>Hafengebühren steigen</a>",
        "Mehr zum Thema: Hafengebühren steigen",
        "Das könnte Sie auch interessieren: Hafengebühren steigen",
    ],
    "ru": [
        "Читайте также: <a href='/a'>Портовые сборы вырастут</a>",
        "По теме: Портовые сборы вырастут",
        "Вам может быть интересно: Портовые сборы вырастут",
    ],
    "zh": [
        "相关阅读：<a href='/a'>港口费用将再次上调</a>",
        "【延伸阅读】港口费用将再次上调",
        "猜你喜欢：港口费用将再次上调",
    ],
    "ja": ["関連記事：<a href='/a'>港湾使用料、再値上げへ</a>", "【あわせて読みたい】港湾使用料、再値上げへ"],
}
CALLS = {
    "en": [
        "Do Follow: <a href='/l'>{site} LinkedIn Account</a> | <a href='/f'>{site} Facebook</a>",
        "Follow us on X, Telegram",
        "Join our WhatsApp channel",
        "Stay connected: <a href='/f'>Facebook</a> | <a href='/x'>X</a>",
        "For more such stories, follow us on LinkedIn and Facebook.",
        "Subscribe to our newsletter and never miss a story.",
        "If you value our work, please consider making a donation.",
        "Follow {site} on Google News",
    ],
    "de": [
        "Folgen Sie uns auf Facebook und X",
        "Jetzt für den kostenlosen Newsletter anmelden",
        "Bleiben Sie auf dem Laufenden: Facebook | Telegram",
    ],
    "ru": ["Подписывайтесь на наш канал в Telegram", "Подпишитесь на нашу рассылку, чтобы не пропустить новости."],
    "zh": [
        "扫描二维码关注{site}微信公众号",
        "欢迎关注{site}官方微博、微信，获取更多资讯",
        "订阅我们的每日简报，不错过任何重要新闻。",
    ],
    "ja": ["{site}の公式X（旧Twitter）をフォロー", "メールマガジンに登録して最新ニュースを受け取る"],
}
ABOUTS = {
    "en": [
        ("About us:", "{site} is a platform for all who trade by sea, with readers in forty countries."),
        ("Who we are", "We are reporters who believe that the coast deserves better news."),
        ("Disclaimer", "The information on this website is for general purposes and no advice to invest."),
        ("About the author", "Mira Holt covers ports and shipping."),
    ],
    "de": [
        ("Über uns", "Wir berichten seit 1902 über Häfen, Reeder und Werften."),
        ("Pressekontakt:", "Lindmoor Medien GmbH, Kaiweg 12, Telefon 0555 0100"),
    ],
    "ru": [
        ("О нас", "Независимое издание о портах и торговле, основано в 1998 году."),
        ("Об авторе", "Мира Холт пишет о портах и судоходстве."),
    ],
    "zh": [
        ("关于我们", "本报是一家关注港口与贸易的独立媒体，创办于1998年。"),
        ("免责声明", "本网站信息仅供参考，不构成投资建议。"),
    ],
    "ja": [
        ("会社概要", "港湾関係者向けのニュースを発行しています。"),
        ("著者プロフィール", "ミラ・ホルト。港湾と海運を担当。"),
    ],
}
LISTS = {
    "en": ["Popular articles", "Top 5 This Week", "Related news", "You may also like"],
    "de": ["Meistgelesen", "Weitere Artikel"],
    "ru": ["Популярные статьи", "Последние новости"],
    "zh": ["热门文章", "相关新闻"],
    "ja": ["人気記事", "この記事もおすすめ"],
}
LAST = {
    "en": [
        "© 2026 {site}. All rights reserved.",
        "Tags: <a href='/t'>ports</a>, <a href='/u'>trade</a>",
        "Monday, November 23, 2026",
        "Share this article: Facebook | X",
        "Source: {site}",
    ],
    "de": ["© 2026 {site}. Alle Rechte vorbehalten.", "Schlagwörter: Hafen, Handel"],
    "ru": ["© 2026 {site}. Все права защищены.", "Понедельник, 23 ноября 2026"],
    "zh": ["（责任编辑：李敏）", "2026年11月23日 星期一", "分享让更多人看到"],
    "ja": ["© 2026 {site} 無断転載を禁じます", "2026年11月23日（月）"],
}
NEWSPAPER = (
    '<div class="td-post-header"><header><h1 class="entry-title">{title}</h1><div class="td-module-meta-info"><span class="td-post-date">November 23, 2026</span></div>'
    '</header></div><div class="td-post-content tagdiv-type">{body}</div><footer><ul class="td-tags"><li><span>TAGS</span></li><li><a href="/t">ports</a></li></ul></footer>'
)
GHOST = (
    '<main class="gh-main"><article class="gh-article"><header class="gh-article-header"><h1 class="gh-article-title">{title}</h1></header>'
    '<section class="gh-content gh-canvas">{body}</section></article></main>'
)
NEXT = '<div id="__next"><div class="Article_container__2bC"><h1 class="Article_headline__a1">{title}</h1><div class="Article_content__8fD">{body}</div></div></div>'
TABLES = '<table width="760"><tr><td width="120"><a href="/n">News</a></td><td width="480"><font size="5"><b>{title}</b></font><br><font size="1">By Mira Holt</font><br><br>{body}</td></tr></table>'
THEMES = {"newspaper": NEWSPAPER, "ghost": GHOST, "next": NEXT, "tables": TABLES}
WRAPS = (
    "<p>{}</p>",
    "<p><strong>{}</strong></p>",
    "<div>{}</div>",
    "<div><span>{}</span></div>",
    "<ul><li>{}</li></ul>",
)
LABELLED = (
    "<p><strong>{}</strong></p><p>{}</p>",
    "<h3>{}</h3><p>{}</p>",
    "<p>{}</p><p>{}</p>",
    "<div>{}</div><p>{}</p>",
)


@dataclass(frozen=True)
class Variant:
    """A page, and what is to come of it."""

    name: str
    html: str
    title: str
    paragraphs: tuple[str, ...]


def variants() -> Iterator[Variant]:
    """Each footer at the end of an article and each pointer and call amid it, in the newspaper's theme and in another."""
    number = 0
    for language in ARTICLES:
        alone = [*POINTERS[language], *CALLS[language], *LAST[language]]
        ends = [WRAPS[at % len(WRAPS)].format(text) for at, text in enumerate(alone)]
        ends += [shape.format(*about) for shape, about in product(LABELLED, ABOUTS[language])]
        ends += [
            f"<h3>{head}</h3>" + "".join(f"<p><a href='/{n}'>{head} {n}</a></p>" for n in range(2))
            for head in LISTS[language]
        ]
        ends.append("".join([*ends[:1], WRAPS[1].format(CALLS[language][0]), LABELLED[0].format(*ABOUTS[language][0])]))
        amid = [f"<p>{text}</p>" for text in (*POINTERS[language], *CALLS[language])]
        for place, footer in [(None, one) for one in ends] + [(3, one) for one in amid]:
            number += 1
            for theme in ("newspaper", list(THEMES)[1 + number % (len(THEMES) - 1)]):
                yield made(language, theme, footer, place)


def made(language: str, theme: str, footer: str, place: int | None, extra: str = "") -> Variant:
    """A page in a theme, a footer set before a paragraph or after all of them; `extra` is a paragraph of the article."""
    title, paragraphs = ARTICLES[language]
    gold = list(paragraphs)
    if extra:
        gold.insert(len(gold) if place is None else place, extra)
    blocks = [f"<p>{text}</p>" for text in gold]
    blocks.insert(len(blocks) if place is None else place, footer.format(site=SITES[language]))
    body = THEMES[theme].format(title=title, body="\n".join(blocks))
    menu = "".join(f'<li><a href="/s/{n}">Section {n}</a></li>' for n in range(6))
    html = (
        f'<html lang="{language}"><head><meta charset="utf-8"><title>{title} - {SITES[language]}</title><meta property="og:site_name" content="{SITES[language]}">'
        f"</head><body><nav><ul>{menu}</ul></nav>{body}</body></html>"
    )
    return Variant(f"{language} {theme} {'end' if place is None else 'amid'} {footer[:50]}", html, title, tuple(gold))
