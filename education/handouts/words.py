"""The words that paper adds to a text, by language; the rest are those of the page."""

from datetime import date

from education.articles.html import LABELS

DOTS = {"high": 4, "moderate": 3, "low": 2, "very_low": 1, "not_graded": 0}  # filled, of four

_PAPER = {
    "en": {
        "version": "Version {}",
        "reviewed": "Reviewed {}",
        "do_not_use_after": "Do not use after {}",
        "printed": "Printed {}",
        "code": "Code {}",
        "page": "Page {} of {}",
        "telephone": "Telephone: {}",
        "open_hours": "Open: {}",
        "please_note": "Please note",
        "see_notice": "Please read the notice on page 1.",
        "contents": "In this pack",
        "own_words": "A note from {}, in the clinic’s own words",
        "option": "Option",
        "what_we_know": "What we know",
        "being_checked": "Being checked again",
        "words_explained": "Words explained",
        "funding_title": "Who paid for this text",
        "changed": "What has changed since the last version",
        "about": "About this copy",
        "check": "Is this copy still good? Scan the square on any page, or type the code {} at {}.",
        "numbered_at": "The numbers in square brackets are listed with their studies at {}.",
        "listed_at": "The studies behind this text are listed at {}.",
        "our_words": "Were we clear?",
        "teach_back": (
            "We want to be sure that we explained this well. Please tell us in your own words."
        ),
        "in_your_words": "In your own words, what does this mean for your child?",
        "notes": "Your notes",
        "people_drawn": "A drawing of {1} people, {0} of them filled in.",
    },
    "zh": {
        "version": "第 {} 版",
        "reviewed": "审阅于 {}",
        "do_not_use_after": "{} 之后请勿使用",
        "printed": "打印于 {}",
        "code": "编码 {}",
        "page": "第 {} 页，共 {} 页",
        "telephone": "电话：{}",
        "open_hours": "开放时间：{}",
        "please_note": "请注意",
        "see_notice": "请阅读第 1 页的提示。",
        "contents": "本资料包内容",
        "own_words": "{} 的说明（诊所自己的话）",
        "option": "选择",
        "what_we_know": "我们所知道的",
        "being_checked": "正在重新核查",
        "words_explained": "词语解释",
        "funding_title": "谁资助了本文",
        "changed": "与上一版相比有什么变化",
        "about": "关于本份资料",
        "check": "这份资料仍然有效吗？请扫描任一页上的方块，或在 {1} 输入编码 {0}。",
        "numbered_at": "方括号中的数字对应的研究列于 {}。",
        "listed_at": "本文所依据的研究列于 {}。",
        "our_words": "我们说清楚了吗？",
        "teach_back": "我们想确认自己是否解释清楚。请用您自己的话告诉我们。",
        "in_your_words": "用您自己的话说，这对您的孩子意味着什么？",
        "notes": "您的笔记",
        "people_drawn": "{1} 个人的图，其中 {0} 人涂黑。",
    },
}
WORDS = {language: LABELS[language] | words for language, words in _PAPER.items()}

_MONTHS = (
    "January February March April May June July August September October November December"
).split()


def words_in(language: str) -> dict[str, str]:
    """The words of a language tag such as ``en-gb``; English where we have none."""
    return WORDS.get(language[:2].lower(), WORDS["en"])


def date_in(day: date, language: str) -> str:
    """A date that can be read in one way only, and stays on one line: 2 March 2026."""
    match language[:2].lower():
        case "zh":
            return f"{day.year}年{day.month}月{day.day}日"
        case _:
            return f"{day.day}\u00a0{_MONTHS[day.month - 1]}\u00a0{day.year}"
