"""Recognises pages that let only browsers pass, which stand before the real one. Pure."""

from collections.abc import Mapping

# How far such a page is searched.
MAX_SEARCHED = 64 * 1024

# Fields of the headers, each with the beginning of its value.
_FIELDS = {
    ("cf-mitigated", "challenge"): "Cloudflare",
    ("x-vercel-mitigated", "challenge"): "Vercel",
    ("x-amzn-waf-action", ""): "AWS WAF",
    ("x-datadome", ""): "DataDome",
    ("server", "ddos-guard"): "DDoS-Guard",
    ("x-sucuri-block", ""): "Sucuri",
}
_TEXTS = {
    b"<title>just a moment...": "Cloudflare",
    b"_cf_chl_opt": "Cloudflare",
    b"cf-browser-verification": "Cloudflare",
    b"attention required! | cloudflare": "Cloudflare",
    b"vercel security checkpoint": "Vercel",
    b"awswafintegration": "AWS WAF",
    b"captcha-delivery.com": "DataDome",
    b"<title>ddos-guard": "DDoS-Guard",
    b"sucuri website firewall": "Sucuri",
    b"sucuri_cloudproxy_js": "Sucuri",
    b"_incapsula_resource": "Imperva",
    b"px-captcha": "HUMAN",
    b"errors.edgesuite.net": "Akamai",
    b"/.within.website/x/cmd/anubis": "Anubis",
    b"making sure you&#39;re not a bot": "Anubis",
    b"making sure you're not a bot": "Anubis",
    b"checking your browser before accessing": "its server",
    b"checking if the site connection is secure": "its server",
    b"verifying you are human": "its server",
    b"verify you are human": "its server",
}


def challenge_in_headers(headers: Mapping[str, str]) -> str:
    """Return who sent a challenge, from the headers of an error; empty if it is none."""
    for (name, beginning), service in _FIELDS.items():
        value = headers.get(name)
        if value is not None and value.lower().startswith(beginning):
            return service
    return ""


def challenge_in_page(body: bytes) -> str:
    """Return who sent a challenge, from a web page; empty if it is none."""
    text = body[:MAX_SEARCHED].lower()
    return next((service for mark, service in _TEXTS.items() if mark in text), "")


def describe_challenge(service: str) -> str:
    """Say what a challenge means and what to do, as the end of a sentence."""
    return (
        f"{service} lets only browsers pass; ask the site's owner to exempt the feed, or use"
        " another address"
    )
