"""The real client against a server on this machine, with answers shaped like the real ones."""

import json
import socket
import threading
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from education import http_client
from education.evidence import client, web
from education.evidence.client import (
    EvidenceImportError,
    NoAnswerError,
    NotAnIdentifierError,
    TooManyRequestsError,
    UnknownWorkError,
    WrongAnswerError,
    fetch,
    fetch_doi,
    fetch_pmid,
)

DOI = "10.1111/dmcn.15346"
CSL = "application/vnd.citationstyles.csl+json"

# As Crossref's transform answers: deposited markup, several dates, fields we don't keep.
CROSSREF_RECORD = {
    "indexed": {"date-parts": [[2025, 1, 2]], "timestamp": 1735776000000},
    "reference-count": 32,
    "publisher": "Wiley",
    "issue": "12",
    "license": [{"URL": "http://creativecommons.org/licenses/by/4.0/"}],
    "content-domain": {"domain": ["onlinelibrary.wiley.com"], "crossmark-restriction": True},
    "published-print": {"date-parts": [[2022, 12]]},
    "abstract": "<jats:p>Somebody's text</jats:p>",
    "DOI": "10.1111/DMCN.15346",
    "type": "article-journal",
    "created": {"date-parts": [[2022, 8, 11]]},
    "page": "1494-1506",
    "source": "Crossref",
    "title": "Global prevalence of cerebral palsy &amp; <i>more</i>",
    "subtitle": ["A systematic analysis"],
    "volume": "64",
    "author": [
        {"ORCID": "http://orcid.org/0000", "given": "Sarah", "family": "McIntyre",
         "sequence": "first", "affiliation": [{"name": "Cerebral Palsy Alliance"}]},
        {"name": "on behalf of the Global CP Prevalence Group", "sequence": "additional",
         "affiliation": []},
    ],
    "container-title": "Developmental Medicine &amp; Child Neurology",
    "container-title-short": "Develop Med Child Neuro",
    "language": "en",
    "issued": {"date-parts": [[2022, 8, 11]]},
    "URL": "https://doi.org/10.1111/dmcn.15346",
    "ISSN": ["0012-1622", "1469-8749"],
    "relation": {},
}  # fmt: skip

# As the Literature Citation Exporter answers.
PUBMED_RECORD = {
    "source": "PubMed",
    "accessed": {"date-parts": [[2025, 3, 17]]},
    "id": "pmid:35952356",
    "title": "Global prevalence of cerebral palsy: A systematic analysis.",
    "author": [{"family": "McIntyre", "given": "Sarah"}, {"family": "Goldsmith", "given": "Shona"}],
    "container-title-short": "Dev Med Child Neurol",
    "container-title": "Developmental medicine and child neurology",
    "publisher": "England",
    "ISSN": "1469-8749",
    "issued": {"date-parts": [[2022, 12]]},
    "page": "1494-1506",
    "volume": "64",
    "issue": "12",
    "PMID": "35952356",
    "DOI": "10.1111/dmcn.15346",
    "type": "article-journal",
}


class Server:
    """What the next answer is, and what was asked."""

    def __init__(self):
        self.status, self.headers, self.body = 200, {"Content-Type": CSL}, b"{}"
        self.asked = []
        self.waits = None

    def answers(self, data, status=200, **headers):
        self.status = status
        self.body = data if isinstance(data, bytes) else json.dumps(data).encode()
        self.headers = {"Content-Type": CSL} | {k.replace("_", "-"): v for k, v in headers.items()}


@pytest.fixture
def server(settings):
    script = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            script.asked.append((self.path, dict(self.headers)))
            if script.waits:
                script.waits.wait(10)
                return
            self.send_response(script.status)
            for name, value in script.headers.items():
                self.send_header(name, value)
            if "Content-Length" not in script.headers and "Transfer-Encoding" not in script.headers:
                self.send_header("Content-Length", str(len(script.body)))
            self.end_headers()
            try:
                self.wfile.write(script.body)
            except OSError:
                return  # the client has heard enough

        def log_message(self, *args):
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    thread = threading.Thread(target=http.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    script.base = f"http://127.0.0.1:{http.server_port}"
    script.port = http.server_port
    settings.CROSSREF_API_URL = script.base
    settings.NCBI_API_URL = script.base
    settings.CONTACT_EMAIL = "editors@example.org"
    yield script
    if script.waits:
        script.waits.set()
    http.shutdown()
    http.server_close()
    thread.join()


# Answers


def test_fetch_doi_returns_crossrefs_record_in_our_shape(server):
    server.answers(CROSSREF_RECORD)

    assert fetch_doi(f"https://doi.org/{DOI}") == {
        "type": "article-journal",
        "title": "Global prevalence of cerebral palsy & more: A systematic analysis",
        "container-title": "Developmental Medicine & Child Neurology",
        "container-title-short": "Develop Med Child Neuro",
        "publisher": "Wiley",
        "volume": "64",
        "issue": "12",
        "page": "1494-1506",
        "language": "en",
        "author": [
            {"family": "McIntyre", "given": "Sarah"},
            {"literal": "on behalf of the Global CP Prevalence Group"},
        ],
        # the printed issue's date, to which the volume belongs
        "issued": {"date-parts": [[2022, 12]]},
        "DOI": "10.1111/DMCN.15346",
        "URL": "https://doi.org/10.1111/dmcn.15346",
        "ISSN": "0012-1622",
    }


def test_fetch_doi_asks_politely_and_quotes_the_doi(server):
    server.answers(CROSSREF_RECORD | {"DOI": "10.1016/S0140-6736(00)04054-X"})

    fetch_doi("10.1016/S0140-6736(00)04054-X")

    [(path, headers)] = server.asked
    assert path == (
        "/v1/works/10.1016%2FS0140-6736%2800%2904054-X/transform/"
        "application/vnd.citationstyles.csl+json"
    )
    assert headers["Accept"] == CSL
    assert headers["User-Agent"] == "PatientEducationPortal/1.0 (mailto:editors@example.org)"
    assert headers["Host"] == f"127.0.0.1:{server.port}"


def test_fetch_doi_never_leaves_its_path(server):
    server.answers(CROSSREF_RECORD, status=404)

    with pytest.raises(UnknownWorkError):
        fetch_doi("10.1000/../../x?y#z")

    assert server.asked[0][0].startswith("/v1/works/10.1000%2F..%2F..%2Fx%3Fy%23z/transform/")


def test_fetch_doi_reads_the_answer_of_crossrefs_own_api_as_well(server):
    record = CROSSREF_RECORD | {"title": ["A title"], "subtitle": [], "type": "journal-article"}
    server.answers({"status": "ok", "message": record}, Content_Type="application/json")

    assert fetch_doi(DOI)["title"] == "A title"


def test_fetch_pmid_returns_pubmeds_record_without_the_day_it_was_asked(server):
    server.answers(PUBMED_RECORD, Content_Type="application/json; charset=utf-8")

    record = fetch_pmid("PMID: 35952356")

    assert server.asked[0][0] == "/lit/ctxp/v1/pubmed/?format=csl&id=35952356"
    assert record["title"] == "Global prevalence of cerebral palsy: A systematic analysis"
    assert record["container-title-short"] == "Dev Med Child Neurol"
    assert record["PMID"] == "35952356"
    assert "accessed" not in record
    assert "id" not in record


@pytest.mark.parametrize(
    ("written", "path"),
    [(DOI, "/v1/works/10.1111%2Fdmcn.15346/"), ("35952356", "/lit/ctxp/v1/pubmed/")],
)
def test_fetch_asks_the_service_that_knows_the_identifier(server, written, path):
    server.answers(CROSSREF_RECORD | PUBMED_RECORD)

    fetch(written)

    assert server.asked[0][0].startswith(path)


@pytest.mark.parametrize("function", [fetch, fetch_doi, fetch_pmid])
def test_fetch_refuses_what_is_no_identifier_without_asking(server, function):
    with pytest.raises(NotAnIdentifierError, match="“see website” is n"):
        function("see website")

    assert server.asked == []


# Refusals: each names what was asked for


def test_fetch_says_when_the_service_does_not_know_the_work(server):
    server.answers(b"Resource not found.", status=404, Content_Type="text/plain")

    with pytest.raises(UnknownWorkError) as refusal:
        fetch_doi(DOI)
    assert str(refusal.value) == (
        "Crossref does not know DOI 10.1111/dmcn.15346. Is it written correctly?"
    )
    with pytest.raises(UnknownWorkError, match="PubMed does not know PMID 1"):
        fetch_pmid("1")


@pytest.mark.parametrize("empty", [{}, []])
def test_fetch_pmid_takes_an_empty_answer_for_an_unknown_work(server, empty):
    server.answers(empty)

    with pytest.raises(UnknownWorkError, match="PMID 35952356"):
        fetch_pmid("35952356")


@pytest.mark.parametrize(
    ("header", "seconds", "words"),
    [
        ({"Retry_After": "1"}, 1, "in 1 second."),
        ({"Retry_After": "90"}, 90, "in 90 seconds."),
        ({"Retry_After": "3601"}, 3601, "in 61 minutes."),
        ({"Retry_After": "999999999"}, 86400, "in 1440 minutes."),
        ({"Retry_After": "soon"}, None, "later."),
        ({}, None, "later."),
    ],
)
def test_fetch_passes_on_how_long_to_wait(server, header, seconds, words):
    server.answers(b"", status=429, **header)

    with pytest.raises(TooManyRequestsError) as refusal:
        fetch_doi(DOI)

    assert refusal.value.retry_after == seconds
    assert str(refusal.value) == (
        f"Crossref asks us to wait before DOI {DOI} is fetched: try again {words}"
    )


def test_fetch_understands_a_date_to_wait_for(server, monkeypatch):
    now = datetime(2025, 3, 17, 12, 0, tzinfo=UTC)
    monkeypatch.setattr(web.timezone, "now", lambda: now)
    later = format_datetime(now.replace(minute=5), usegmt=True)
    server.answers(b"", status=503, Retry_After=later)

    with pytest.raises(TooManyRequestsError) as refusal:
        fetch_pmid("35952356")

    assert refusal.value.retry_after == 300


@pytest.mark.parametrize("status", [401, 500, 502, 503])
def test_fetch_says_when_the_service_is_out_of_order(server, status):
    server.answers(b"", status=status)

    with pytest.raises(NoAnswerError, match=rf"error {status} when asked for DOI {DOI}"):
        fetch_doi(DOI)


@pytest.mark.parametrize(
    ("body", "headers", "reason"),
    [
        (b"<html>", {"Content_Type": "text/html"}, "with text/html instead of a record"),
        (b'{"title": ', {}, "can't be read"),
        (b"[" * 100_000, {}, "can't be read"),
        (b"\xff\xfe\xff", {}, "can't be read"),
        (b"[1, 2]", {}, "without a record"),
        (b'"text"', {}, "without a record"),
        (b'{"title": {"a": 1}, "author": 3}', {}, "can't be used"),
        (json.dumps(CROSSREF_RECORD | {"DOI": "10.1000/1"}).encode(), {}, "about another work"),
        (b"{}", {"Content_Length": "9999"}, "broke off its answer"),
        (b"5\r\n{", {"Transfer_Encoding": "chunked"}, "broke off its answer"),
        (b" " * (web.MAX_ANSWER + 1), {}, "more than 2 MB"),
    ],
)
def test_fetch_refuses_a_wrong_or_huge_answer(server, body, headers, reason):
    server.answers(body, **headers)

    with pytest.raises(WrongAnswerError, match=reason) as refusal:
        fetch_doi(DOI)

    assert DOI in str(refusal.value)


def test_fetch_pmid_refuses_another_work(server):
    server.answers(PUBMED_RECORD | {"PMID": "1"})

    with pytest.raises(WrongAnswerError, match="another work than PMID 35952356"):
        fetch_pmid("35952356")


def test_fetch_gives_up_when_no_answer_comes(server, settings):
    settings.EVIDENCE_FETCH_SECONDS = 0.1
    server.waits = threading.Event()

    with pytest.raises(NoAnswerError, match=f"did not answer in time when asked for DOI {DOI}"):
        fetch_doi(DOI)


def test_fetch_gives_up_on_an_answer_that_never_ends(server, monkeypatch):
    clock = iter([0.0, web.SECONDS_IN_ALL + 1, web.SECONDS_IN_ALL + 1])
    monkeypatch.setattr(http_client.time, "monotonic", lambda: next(clock))
    server.answers(b" " * 10)

    with pytest.raises(NoAnswerError, match="did not answer in time"):
        fetch_doi(DOI)


def test_fetch_says_when_there_is_no_network(settings, monkeypatch):
    def no_network(*args, **kwargs):
        raise socket.gaierror(-3, "Temporary failure in name resolution")

    monkeypatch.setattr(http_client.socket, "getaddrinfo", no_network)

    with pytest.raises(NoAnswerError, match=f"can't be reached for DOI {DOI}"):
        fetch_doi(DOI)


def test_fetch_says_when_nobody_answers_the_call(settings):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, but not listening
        settings.CROSSREF_API_URL = f"http://127.0.0.1:{taken.getsockname()[1]}"

        with pytest.raises(NoAnswerError, match="can't be reached"):
            fetch_doi(DOI)


def test_fetch_says_when_the_connection_is_not_secure(server, settings):
    settings.CROSSREF_API_URL = server.base.replace("http:", "https:")

    with pytest.raises(NoAnswerError, match=f"No secure connection to Crossref for DOI {DOI}"):
        fetch_doi(DOI)


# Nobody else is asked


@pytest.mark.parametrize(
    "base",
    [
        "http://api.crossref.org",
        "http://10.0.0.1",
        "ftp://api.crossref.org",
        "file:///etc/passwd",
        "https://",
        "https://api.crossref.org:x",
        "http://127.0.0.1.example.org",
    ],
)
def test_fetch_refuses_a_base_address_that_is_not_https(settings, base):
    settings.CROSSREF_API_URL = base

    with pytest.raises(EvidenceImportError, match="CROSSREF_API_URL must be an https address"):
        fetch_doi(DOI)


@pytest.mark.parametrize(
    "address",
    ["10.0.0.8", "127.0.0.1", "169.254.169.254", "192.168.1.1", "::1", "fd00::1", "0.0.0.0",
     "::ffff:10.0.0.1", "fe80::1%eth0", "224.0.0.1"],
)  # fmt: skip
def test_fetch_refuses_a_name_that_leads_into_a_private_network(monkeypatch, address):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    public = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.216.34", 443))
    private = (family, socket.SOCK_STREAM, 6, "", (address, 443))
    monkeypatch.setattr(http_client.socket, "getaddrinfo", lambda *a, **k: [public, private])
    called = []
    monkeypatch.setattr(http_client.socket, "create_connection", lambda *a, **k: called.append(a))

    with pytest.raises(EvidenceImportError, match="leads into a private network"):
        fetch_doi(DOI)

    assert called == []


def test_fetch_connects_to_the_address_it_has_checked(monkeypatch):
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.216.34", 443))]
    monkeypatch.setattr(http_client.socket, "getaddrinfo", lambda *a, **k: found)
    called = []

    def connect(address, timeout):
        called.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(http_client.socket, "create_connection", connect)

    with pytest.raises(NoAnswerError):
        fetch_doi(DOI)

    assert called == [("93.184.216.34", 443)]


def test_fetch_tries_the_next_address_when_one_does_not_answer(server, monkeypatch):
    asked = []
    real = socket.create_connection
    found = [
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, server.port))
        for host in ("127.0.0.9", "127.0.0.1")
    ]

    def connect(address, timeout):
        asked.append(address[0])
        monkeypatch.undo()  # the real one looks up the bare address
        if len(asked) == 1:
            monkeypatch.setattr(http_client.socket, "create_connection", connect)
            raise ConnectionRefusedError
        return real(address, timeout=timeout)

    server.answers(CROSSREF_RECORD)
    monkeypatch.setattr(http_client.socket, "getaddrinfo", lambda *a, **k: found)
    monkeypatch.setattr(http_client.socket, "create_connection", connect)

    assert fetch_doi(DOI)["volume"] == "64"
    assert asked == ["127.0.0.9", "127.0.0.1"]


@pytest.mark.parametrize(
    "location",
    ["https://example.org/x", "//example.org/x", "http://127.0.0.1:1/x", "file:///etc/passwd"],
)
def test_fetch_never_follows_a_redirect_elsewhere(server, location):
    server.answers(b"", status=302, Location=location)

    with pytest.raises(WrongAnswerError, match=f"sent us elsewhere for DOI {DOI}"):
        fetch_doi(DOI)

    assert len(server.asked) == 1


def test_fetch_follows_a_redirect_within_the_service_but_not_forever(server):
    server.answers(b"", status=301, Location="/v2/works")

    with pytest.raises(WrongAnswerError, match="in circles"):
        fetch_doi(DOI)

    assert [path for path, _ in server.asked[1:]] == ["/v2/works"] * web.MAX_REDIRECTS


def test_user_agent_holds_no_line_break_and_nothing_but_ascii(settings):
    settings.CONTACT_EMAIL = "é@example.org\r\nX-Other: 1"

    assert web.user_agent() == "PatientEducationPortal/1.0 (mailto:@example.orgX-Other: 1)"


def test_client_offers_its_errors_as_one_family():
    for name in client.__all__:
        if name.endswith("Error"):
            assert issubclass(getattr(client, name), EvidenceImportError)
