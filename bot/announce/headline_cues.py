"""Words in headlines that say how a story relates to its event. Pure.

"Boston considers a ban" and "Boston bans …" share nearly every word, as do an announcement and the
column about it. The few words that distinguish them depend on the language; where a language has
none here, only names, numbers and the other words decide.
"""

import re
from enum import StrEnum
from functools import cache


class Cue(StrEnum):
    """What a headline says about its event. The values are recorded and shown to operators."""

    PLANNED = "planned"
    """The event has not happened yet."""
    PRELIMINARY = "preliminary"
    """A version for testing, a leading candidate, a jury that deliberates."""
    CANCELLED = "cancelled"
    """The event is off, late, refused, or undone."""
    RESTORED = "restored"
    """What was undone applies again."""
    CHARGED = "charged"
    CONVICTED = "convicted"
    SENTENCED = "sentenced"
    AFTERMATH = "aftermath"
    """A consequence of the event, or a reaction to it."""
    COMMENTARY = "commentary"
    """An opinion, an explanation, an interview, a review."""
    ROUND_UP = "round-up"
    """Several stories in one."""


# Words of languages with spaces; a * stands for any ending.
_WORDS = {
    Cue.PLANNED: (
        "will, plan, plans, planned, planning, consider, considers, considering, mulls,"
        " weighs, propose*, could, may, might, expected, set to, ahead of, scheduled, upcoming,"
        " vow*, threaten*, wants, call* for, urge*, debates, nears, close to, prepare*,"
        " to vote, to decide, to launch, to open, to meet, to begin, to start, to rule,"
        " votes on, if, in talks, eyes, seeks, hopes, tomorrow, tonight, on monday, on tuesday,"
        " on wednesday, on thursday, on friday, on saturday, on sunday, monday's, next week,"
        " this weekend, morgen, am montag, am dienstag, am mittwoch, am donnerstag, am freitag,"
        " am samstag, am sonntag, demain, mañana, el lunes, el martes, el miércoles, el jueves,"
        " el viernes, el sábado, el domingo, amanhã, domani, jutro, yarın, завтра, αύριο, غدا,"
        " מחר, कल, wollen, planen, könnte*, soll, sollen, dürfte, möchte, erwägt, droht, vor,"
        " vont, veut, veulent, pourrai*, devrait, envisage*, prévoi*, menace*, avant, podría*,"
        " planea*, quiere*, prevé*, estudia*, amenaza*, debería, poderá, quer, planeja,"
        " potrebbe, vuole, valuta, może, chce, planuje, rozważa, będzie, planlıyor, edecek,"
        " olacak, может, могут, планиру*, хочет, намерен*, будет, рассматрива*, може, хоче,"
        " планує, буде, розгляда*, σχεδιάζει, θα, ενδέχεται"
    ),
    Cue.PRELIMINARY: (
        "beta*, alpha*, release candidate, release-candidate, rc1, rc2, rc3, preview, teaser,"
        " trailer, rumo*, leak*, exit poll*, leads, projected, deliberat*, tentative, draft,"
        " vorläufig*, hochrechnung*, бета*"
    ),
    Cue.CANCELLED: (
        "scrubbed, scrubs, postpone*, delay*, avert*, cancel*, called off, calls off,"
        " call off, on hold, pushed back, reject*, lift, lifts, lifted, repeal*, revoke*,"
        " revers*, withdraw*, withdrew, halt, halts, halted, fails, failed, abandon*, drops,"
        " dropped, den*y, denies, denied, block, blocks, blocked, overturn*, pause*, suspend*,"
        " scrap*, unban*, rolls back, yanked, verschoben, verschiebt, abgesagt, abgelehnt,"
        " lehnt, aufgehoben, hebt, stoppt, gestoppt, scheitert, reporté*, reporte, annul*,"
        " suspend*, rejett*, lève, levée, renonce*, aplaz*, cancel*, rechaz*, suspend*,"
        " levanta*, retir*, adia*, rejeita*, отмен*, отлож*, отказ*, перенес*, скасув*,"
        " відклад*, відмов*, odwoł*, odrzuc*, uchyl*"
    ),
    Cue.RESTORED: (
        "brings back, bring back, reinstat*, restor*, reimpos*, resum*, reopen*, wieder,"
        " rétabli*, restablec*, przywrac*, восстан*, возобнов*, віднов*"
    ),
    Cue.CHARGED: (
        "charged, charges, arrest*, indict*, accus*, prosecut*, pleads, on trial, suspect*,"
        " angeklagt, anklage, festgenommen, verhaftet, inculpé*, arrêté*, requis, accusé*,"
        " acusad*, detenid*, detien*, арест*, задержа*, обвин*"
    ),
    Cue.CONVICTED: (
        "convict*, guilty, acquit*, cleared, verurteil*, schuldig, freigesprochen, condamn*,"
        " coupable, acquitté*, relaxe*, relaxé*, conden*, culpable, absuelt*, признан*, оправда*"
    ),
    Cue.SENTENCED: "sentenc*, jailed, imprisoned, приговор*, засуд*",
    Cue.AFTERMATH: (
        "after, following, amid, in the wake of, in wake of, despite, sue, sues, suing,"
        " lawsuit*, apolog*, resign*, backlash, react*, respon*, criticis*, criticiz*, slams,"
        " blasts, trolls, mourn*, shares in, share price, shares fall, shares rise,"
        " shares jump, shares drop, shares slide, shares surge, stock falls, stock rises,"
        " stock jumps, stock drops, stock surges, funeral, vigil, investigat*, inquiry, probe,"
        " anniversary, weeks after, days after, aftermath, nach, trotz, reagiert, kritisiert,"
        " kritik, klagt, klage, entschuldigt, aktie, trauer*, après, malgré, réagi*, critique*,"
        " plainte, excuse*, démission*, tras, después, pese, reaccion*, demanda*, disculpa*,"
        " após, apesar, reage, dopo, nonostante, reagisce, mimo, reaguje, przeprasza*, sonra,"
        " rağmen, после, несмотря, реакц*, извин*, після, попри, вибач*, μετά, παρά, بعد, رغم,"
        " אחרי, לאחר, के बाद"
    ),
    Cue.COMMENTARY: (
        "opinion, editorial, column, comment, commentary, analysis, analyst, analysts, review,"
        " reviews, interview, interviewed, interviews, podcast, explain*, takeaway*, lesson*,"
        " means, why, how, here's, heres, what, things to know, faq, hands-on, guide, quiz,"
        " profile, behind the, inside, essay, perspective, view on, kommentar, analyse, warum,"
        " wieso, wie, interview, meinung, pourquoi, comment, analyse, entretien, opinion,"
        " ce que, quels, opinión, análisis, por qué, cómo, qué, entrevista, análise, opinião,"
        " por que, como, perché, analisi, intervista, dlaczego, jak, komentarz, wywiad, opinia,"
        " neden, nasıl, yorum, почему, как, мнение, интервью, что, чому, як, думка, інтерв*,"
        " γιατί, πώς, ανάλυση, άποψη, لماذا, كيف, رأي, תחליל, למה, מדוע, איך, דעה, क्यों, कैसे"
    ),
    Cue.ROUND_UP: (
        "roundup, round-up, round up, weekly, this week, week in, digest, briefing,"
        " newsletter, and more, top stories, headlines, live updates, recap, announcements,"
        " and other, wochenrückblick, überblick, newsticker, kurz notiert, revue, semaine,"
        " en bref, noticias, resumen, semana, resumo, settimana, przegląd, haftalık, обзор,"
        " дайджест, недел*, огляд, тижд*"
    ),
}
# The same for languages without spaces, and words with a particle.
_UNSPACED = {
    Cue.PLANNED: (
        "将|將|拟|計划|计划|計畫|考虑|考慮|有望|即将|予定|検討|へ$|方針|見通し|계획|예정|검토|전망"
        "|จะ|เตรียม|แผน"
    ),
    Cue.PRELIMINARY: "测试版|測試版|ベータ|베타|เบต้า",
    Cue.CANCELLED: (
        "推迟|推遲|取消|撤回|撤销|撤銷|解除|延期|中止|撤廃|断念|취소|연기|철회|해제|เลื่อน|ยกเลิก"
    ),
    Cue.RESTORED: "恢复|恢復|再開|복원|재개|กลับมา",
    Cue.CHARGED: "起诉|起訴|被捕|逮捕|기소|체포|จับ",
    Cue.CONVICTED: "有罪|无罪|無罪|유죄|무죄",
    Cue.SENTENCED: "判刑|判处|判決|懲役|징역|선고",
    Cue.AFTERMATH: (
        "之后|之後|后[,\uff0c]|後[,\uff0c]|回应|回應|道歉|股价|股價|受け|謝罪|株価|反応|이후|사과|주가|반응"
        "|หลัง|ขอโทษ"
    ),
    Cue.COMMENTARY: (
        "评论|評論|社论|社論|为何|為何|为什么|如何|解读|解讀|分析|なぜ|解説|社説|どう|왜|어떻게|해설|사설|분석"
        "|ทำไม|อย่างไร|วิเคราะห์"
    ),
    Cue.ROUND_UP: "周报|週報|汇总|彙整|盘点|まとめ|ダイジェスト|주간|모음|สรุป",
}


@cache
def _patterns() -> dict[Cue, re.Pattern[str]]:
    patterns = {}
    for cue, words in _WORDS.items():
        spaced = "|".join(
            re.escape(word.strip()).replace(r"\*", r"\w*") for word in words.split(",")
        )
        patterns[cue] = re.compile(
            rf"(?<![\w])(?:{spaced})(?![\w])|{_UNSPACED[cue]}", re.IGNORECASE
        )
    return patterns


def headline_cues(title: str) -> dict[Cue, str]:
    """The cues of a title, each with the word that shows it."""
    return {
        cue: found[0] for cue, pattern in _patterns().items() if (found := pattern.search(title))
    }
