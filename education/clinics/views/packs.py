"""Packs: handouts given out together, in an order, under a note of the clinic's own."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.forms import model_to_dict
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from education.clinics.access import DeskRequest, at_desk
from education.clinics.forms import PackForm
from education.errors import EditorialError
from education.handouts.models import Pack, PackItem
from education.handouts.operations import LARGEST_PACK, put_pack_away, save_pack
from education.handouts.packs import PackLine, lines_of, lines_of_packs
from education.handouts.print_options import CHOICES, OF_ONE_HANDOUT, own_in_words
from education.publishing.models import Publication

LANGUAGE = "en"


@at_desk
@require_safe
def pack_list(request: DeskRequest) -> HttpResponse:
    """The packs in use, and what has moved on in each."""
    packs = request.clinic.packs.in_use().prefetch_related("items")
    shown = [
        (pack, lines, not any(line.why_not for line in lines))
        for pack, lines in lines_of_packs(packs)
    ]
    context = {"clinic": request.clinic, "packs": shown}
    return render(request, "clinics/packs.html", context)


@at_desk
@require_http_methods(["GET", "HEAD", "POST"])
def pack_new(request: DeskRequest) -> HttpResponse:
    """Put a pack together."""
    return _edit(request, None)


@at_desk
@require_http_methods(["GET", "HEAD", "POST"])
def pack_edit(request: DeskRequest, number: int) -> HttpResponse:
    """Change a pack, or put it away."""
    pack = get_object_or_404(Pack.objects.in_use(), pk=number, clinic=request.clinic)
    if request.method == "POST" and request.POST.get("do") == "put_away":
        put_pack_away(pack=pack, by=request.user)
        messages.success(request, f"“{pack}” was put away. What was printed from it stays listed.")
        return redirect("clinic-packs")
    return _edit(request, pack)


def _edit(request: DeskRequest, pack: Pack | None) -> HttpResponse:
    """
    The form of a pack. Its handouts are in the form itself, in their order.

    Adding, moving and leaving out are buttons of the form, so they need no script, and what else
    was typed comes back; only "Save" writes.
    """
    items = list(pack.items.all()) if pack else []
    slugs = [item.slug for item in items]
    own = {item.slug: item.options for item in items}
    form = PackForm(
        request.POST or None,
        initial=model_to_dict(pack) if pack else None,
        items=items,
        in_words=lambda: _in_words(items, pack),
    )
    if request.method == "POST":
        action = request.POST.get("do", "save")
        slugs = _arranged(request.POST.getlist("handout"), request.POST.getlist("add"), action)
        own = {slug: _own_options(request.POST, slug) for slug in slugs}
        if action == "save" and form.is_valid():
            try:
                save_pack(
                    clinic=request.clinic, by=request.user, slugs=slugs, pack=pack, options=own,
                    **form.cleaned_data,
                )  # fmt: skip
            except EditorialError as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, "Saved.")
                return redirect("clinic-packs")
    context = {
        "clinic": request.clinic,
        "pack": pack,
        "form": form,
        "lines": [
            (line, _fields(line.slug, how), _questions(line, how))
            for line in lines_of([(slug, LANGUAGE) for slug in slugs], pack)
            for how in [own.get(line.slug, {})]
        ],
        "others": _others(slugs),
        "largest": LARGEST_PACK,
    }
    return render(request, "clinics/pack.html", context)


def _own_options(posted: QueryDict, slug: str) -> dict[str, Any]:
    """What a handout is given of its own; what names nothing that exists counts as not chosen."""
    chosen = {name: posted.get(f"{name}:{slug}", "") for name in OF_ONE_HANDOUT}
    own: dict[str, Any] = {
        name: value for name, value in chosen.items() if value in CHOICES[name][1]
    }
    if questions := posted.getlist(f"question:{slug}"):
        own["questions"] = questions
    return own


def _questions(line: PackLine, own: Mapping[str, Any]) -> list[tuple[str, str, bool]]:
    """Slug, words and whether it is chosen, of each question of a handout."""
    chosen = own.get("questions", ())
    return [(slug, words, slug in chosen) for slug, words in line.questions(chosen).items()]


def _fields(slug: str, own: Mapping[str, str]) -> list[dict[str, Any]]:
    """What can be chosen for one handout: name and label of the field, its values, the chosen."""
    return [
        {
            "name": f"{name}:{slug}",
            "label": CHOICES[name][0],
            "values": CHOICES[name][1].items(),
            "chosen": own.get(name, ""),
        }
        for name in OF_ONE_HANDOUT
    ]


def _in_words(items: Sequence[PackItem], pack: Pack | None) -> list[str]:
    """The handouts of a pack by title, each with what it has of its own."""
    lines = lines_of([(item.slug, item.language) for item in items], pack)
    messages = []
    for item, line in zip(items, lines, strict=True):
        own = own_in_words(item.options, line.questions(item.options.get("questions", ())))
        messages.append(f"{line.title} ({own})" if own else line.title)
    return messages


def _arranged(slugs: list[str], added: list[str], asked: str) -> list[str]:
    """The handouts after a button: ``up:slug``, ``down:slug``, ``out:slug``; else all of them."""
    arranged = list(dict.fromkeys([*slugs, *added]))[: LARGEST_PACK + 1]
    step, _, slug = asked.partition(":")
    if slug not in arranged:
        return arranged
    place = arranged.index(slug)
    arranged.remove(slug)
    if step == "up":
        arranged.insert(max(0, place - 1), slug)
    elif step == "down":
        arranged.insert(place + 1, slug)
    return arranged


def _others(slugs: list[str]) -> Any:
    publications = Publication.objects.current().filter(language=LANGUAGE).exclude(slug__in=slugs)
    return publications.order_by("title", "slug").values_list("slug", "title")
