"""Parameters that say how a reader came to a page, or belong to a session, not which page it is.

The names come from the public lists that browsers and their extensions use: ClearURLs
(https://docs.clearurls.xyz), AdGuard (https://github.com/AdguardTeam/AdguardFilters, folder
TrackParamFilter) and Brave (https://github.com/brave/brave-browser/wiki/Query-String-Filter); those
of sessions from the rules of the Internet Archive (https://github.com/internetarchive/surt); those
that name a feed from the feeds of newspapers and journals. A name that identifies a page anywhere
(`id`, `p`, `v`, `ref`, `source`) counts only on hosts where it does not, or with certain values.
Pure.
"""

import re

# Beginnings of names up to the first `_`, in lower case, on all hosts: Google Analytics, Matomo,
# HubSpot, Parse.ly, Blueshift, Adjust, DPG Media, Omeda, Vero, Yahoo, and others.
_FAMILIES = frozenset(
    {
        *("utm", "mtm", "hsa", "itm", "bsft", "adjust", "dpg", "oly", "vero", "guce"),
        *("otm", "hmb", "oft"),
    }
)
# Lower-case names, on all hosts.
_NAMES = frozenset(
    {
        # Clicks on advertisements: Google, Meta, Microsoft, Yandex, X, Pinterest, LinkedIn, …
        *("gclid", "gclsrc", "gbraid", "wbraid", "dclid", "srsltid", "gs_l", "usqp", "fbclid"),
        *("msclkid", "yclid", "ysclid", "ymclid", "twclid", "epik", "igshid", "li_fat_id"),
        *("ttclid", "rb_clickid", "irclickid", "irgwc", "ir_campaignid", "ir_adid", "sscid"),
        *("ir_partnerid", "tduid", "awc", "rtkcid", "admitad_uid", "gps_adid", "erid", "vc_lpp"),
        *("unicorn_click_id", "external_click_id", "mindbox-click-id", "ebisadid", "zanpid"),
        *("wickedid", "sznclid", "ceneo_spo", "_branch_match_id", "_branch_referrer"),
        # Newsletters: Mailchimp, HubSpot, Marketo, Klaviyo, MailerLite, Dynamics, beehiiv, …
        *("mc_cid", "mc_eid", "mc_tc", "_hsenc", "_hsmi", "__hsfp", "__hssc", "__hstc", "_kx"),
        *("hsctatracking", "mkt_tok", "ml_subscriber", "ml_subscriber_hash", "_bhlid", "bbeml"),
        *("_clde", "_cldee", "mindbox-message-key", "ss_email_id", "vgo_ee", "et_rid"),
        *("at_recipient_id", "at_recipient_list", "user_email_address"),
        # Analytics: Google, Matomo, AT Internet, Webtrekk, Adobe, comScore, Cxense, Echobox, …
        *("_ga", "_gl", "_openstat", "pk_campaign", "pk_kwd", "pk_keyword", "pk_source", "pk_cid"),
        *("pk_medium", "pk_content", "pk_vid", "piwik_campaign", "piwik_kwd", "piwik_keyword"),
        *("ga_source", "ga_medium", "ga_campaign", "ga_content", "ga_term", "xtor", "xts"),
        *("at_medium", "at_campaign", "at_campaign_type", "at_creation", "at_variant", "at_format"),
        *("at_channel", "at_platform", "at_network", "at_term", "at_audience", "wt_mc", "wt_zmc"),
        *("wt.mc_id", "wtmc", "wtzmc", "wtrid", "s_cid", "s_kwcid", "cmpid", "ns_mchannel"),
        *(
            "ns_source",
            "ns_campaign",
            "ns_linkname",
            "ns_fee",
            "cm_me",
            "cm_cr",
            "cm_mmc",
            "cx_click",
        ),
        *("cx_recsorder", "cx_recswidget", "echobox", "__io_lv", "_io_session_id", "oprtrack"),
        *("nx_source", "_sgm_campaign", "_sgm_source", "_sgm_action", "tracking_source"),
        *("guccounter", "soc_src", "soc_trk", "spm", "os_ehash", "ftcamp"),
        # Social networks.
        *("ref_src", "ref_url", "fb_source", "fb_ref", "fb_comment_id", "__twitter_impression"),
        *(
            "fb_action_ids",
            "fb_action_types",
            "action_object_map",
            "action_type_map",
            "action_ref_map",
        ),
    }
)
# Ids of sessions: lower-case names, on all hosts.
_SESSION_NAMES = frozenset(
    {"phpsessid", "jsessionid", "asp.net_sessionid", "cfid", "cftoken", "oscsid", "zenid"}
)
_SESSION = re.compile(r"[0-9a-zA-Z]{32}|[0-9a-v]{26}")
_FEED = re.compile(r"(?:rss[0-9.]*|atom|feed|rssfeed)(?:[^a-z0-9].*)?", re.IGNORECASE)
# Names that have other meanings, too. They count with the value of a session, or if they say that
# a reader comes from a feed.
_AMBIGUOUS = {
    **dict.fromkeys(
        ("sid", "s", "sess", "session", "sessionid", "session_id", "psid"),
        _SESSION,
    ),
    **dict.fromkeys(
        (
            *("ref", "source", "src", "from", "via", "origin", "medium", "mod", "cmp", "cid"),
            *("eref", "partner", "emc", "feature", "feedtype", "dcmp", "ncid", "fsrc", ".tsrc"),
            *("dgcid",),
        ),
        _FEED,
    ),
    "rss": re.compile(r"yes|true|1"),
    "af": re.compile(r"R"),  # Atypon, of many journals
}
# On one host and its subdomains; a name that ends with * is a beginning.
_OF_HOSTS = {
    "bbc.com": ("at_*", "ocid", "ns_*"),
    "bbc.co.uk": ("at_*", "ocid", "ns_*"),
    "bilibili.com": ("spm_id_from", "vd_source", "share_*", "from_source", "unique_k", "msource"),
    "cnbc.com": ("__source",),
    "cnet.com": ("ftag",),
    "dailymail.co.uk": ("ito",),
    "diepresse.com": ("from",),
    "dw.com": ("maca",),
    "facebook.com": ("mibextid", "__tn__", "__xts__*", "__cft__*", "sfnsn", "rdid", "_rdr"),
    "forbes.com": ("sh",),
    "gamespot.com": ("ftag",),
    "github.com": ("email_token", "email_source"),
    "instagram.com": ("igsh",),
    "linkedin.com": ("refid", "trk", "trackingid", "lipi", "licu"),
    "marketwatch.com": ("mod",),
    "medium.com": ("source", "sk"),
    "metro.co.uk": ("ito",),
    "mozilla.org": ("src", "platform", "redirect_source"),
    "msn.com": ("ocid", "cvid"),
    "newyorker.com": ("source", "bxid", "cndid", "esrc", "mbid"),
    "nikkei.com": ("n_cid", "i_cid", "adid", "waad"),
    "nytimes.com": ("smid", "smtyp", "smprod", "partner", "emc"),
    "reddit.com": ("correlation_id", "ref_campaign", "ref_source", "rdt", "share_id", "$*"),
    "reuters.com": ("taid", "feedname", "feedtype"),
    "techcrunch.com": ("ncid", "sr", "sr_share"),
    "theguardian.com": ("cmp",),
    "thetimes.co.uk": ("sharetoken",),
    "tiktok.com": ("_d", "_t", "_r", "share_*", "u_code", "preview_pb"),
    "twitter.com": ("s", "t", "cn", "src"),
    "wired.com": ("intcid", "bxid", "cndid", "esrc", "mbid"),
    "wsj.com": ("mod",),
    "x.com": ("s", "t", "cn", "src"),
    "youtu.be": ("si", "feature", "pp"),
    "youtube.com": ("si", "feature", "pp"),
    "zdnet.com": ("ftag",),
}
_NAMES_OF_HOSTS = {
    host: frozenset(name for name in names if not name.endswith("*"))
    for host, names in _OF_HOSTS.items()
}
_PREFIXES_OF_HOSTS = {
    host: tuple(name[:-1] for name in names if name.endswith("*"))
    for host, names in _OF_HOSTS.items()
}
# A second question mark, or an ampersand that was escaped twice.
_SEPARATOR = re.compile(r"\?(?=utm_)|&amp;", re.IGNORECASE)
# `;jsessionid=…` at the end of a folder or file; `/(S(…))/` and, before .NET 2, `/(…)/` of ASP.NET.
_SESSION_IN_PATH = re.compile(
    r";(?:jsessionid|phpsessid|sid)=[^/?#;]*"
    r"|(?<=/)\((?:[a-z]\([0-9a-z_-]{16,}\))+\)/|(?<=/)\([0-9a-z]{24}\)/(?=[^?#]*\.aspx)",
    re.IGNORECASE,
)


def identifying_parameters(host: str, query: str) -> str:
    """Return the parameters that identify a page, sorted; `host` is one in lower case."""
    if "?" in query or ";" in query:
        query = _SEPARATOR.sub("&", query)
    kept = [each for each in query.split("&") if each and not _is_irrelevant(each)]
    while kept and host:
        if host in _NAMES_OF_HOSTS:
            names, prefixes = _NAMES_OF_HOSTS[host], _PREFIXES_OF_HOSTS[host]
            return "&".join(sorted(each for each in kept if not _is_of_host(each, names, prefixes)))
        host = host.partition(".")[2]
    return "&".join(sorted(kept))


def path_without_session(path: str) -> str:
    """Return a path without the id of a session."""
    return _SESSION_IN_PATH.sub("", path) if ";" in path or "/(" in path else path


def without_session(address: str) -> str:
    """Return an address without the id of a session; all else stays as it is."""
    page, mark, fragment = address.partition("#")
    path, question_mark, query = page.partition("?")
    kept = "&".join(each for each in query.split("&") if not _is_session(each))
    return (
        path_without_session(path)
        + (f"?{kept}" if kept or (question_mark and not query) else "")
        + (mark + fragment)
    )


def _is_irrelevant(parameter: str) -> bool:
    name, _, value = parameter.partition("=")
    name = name.lower()
    family, underscore, _ = name.partition("_")
    if name in _NAMES or (underscore and family in _FAMILIES):
        return True
    pattern = _AMBIGUOUS.get(name)
    if pattern is not None:
        return pattern.fullmatch(value) is not None
    return name in _SESSION_NAMES or name.startswith("aspsessionid")


def _is_session(parameter: str) -> bool:
    name, _, value = parameter.partition("=")
    name = name.lower()
    return (
        name in _SESSION_NAMES
        or name.startswith("aspsessionid")
        or (_AMBIGUOUS.get(name) is _SESSION and _SESSION.fullmatch(value) is not None)
    )


def _is_of_host(parameter: str, names: frozenset[str], prefixes: tuple[str, ...]) -> bool:
    name = parameter.partition("=")[0].lower()
    return name in names or name.startswith(prefixes)
