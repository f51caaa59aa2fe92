"""The callback of WebSub hubs: public, without a session; a token in the address says which subscription is meant."""

from __future__ import annotations

from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from articles.ingest.subscribing import answer_intent, is_push_awaited, take_push
from articles.ingest.websub import read_intent

# "ignored" is answered like "taken": a forger learns nothing, and a hub is not made to try again.
_STATUS = {
    "unknown": HTTPStatus.GONE,
    "ignored": HTTPStatus.ACCEPTED,
    "busy": HTTPStatus.SERVICE_UNAVAILABLE,
    "taken": HTTPStatus.ACCEPTED,
}
_AGAIN_SECONDS = "120"


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def push(request: HttpRequest, token: str) -> HttpResponse:
    """A hub verifies what we asked for (GET), or sends what is new (POST)."""
    return _take(request, token) if request.method == "POST" else _verify(request, token)


def _verify(request: HttpRequest, token: str) -> HttpResponse:
    intent = read_intent(request.GET.dict())
    if intent is None or not answer_intent(token, intent):
        return HttpResponse("Nothing was asked for here.", status=404, content_type="text/plain")
    # The echo is somebody else's text: it must never be taken for a page.
    return HttpResponse(intent.challenge, content_type="text/plain; charset=utf-8")


def _take(request: HttpRequest, token: str) -> HttpResponse:
    # Before anything is read: a stranger shall not keep a thread busy with what nobody wants.
    if not is_push_awaited(token):
        return HttpResponse(status=_STATUS["unknown"], content_type="text/plain")
    most = settings.FEED_MB * 1024 * 1024
    # Read from the stream: it is measured against the limit of feeds, not of forms.
    body = request.read(most + 1)
    if len(body) > most:
        return HttpResponse("This is more than a feed may be.", status=413, content_type="text/plain")
    taken = take_push(
        token, body, request.headers.get("X-Hub-Signature", ""), request.headers.get("Content-Type", "")
    )
    answer = HttpResponse(status=_STATUS[taken], content_type="text/plain")
    if taken == "busy":
        answer["Retry-After"] = _AGAIN_SECONDS
    return answer
