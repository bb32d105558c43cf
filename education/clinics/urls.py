"""The addresses of the clinic's desk, below ``/clinic/``."""

from django.urls import path

from education.clinics.views import desk, packs, people, printing, recalls, receipts, signing

urlpatterns = [
    path("", desk.desk, name="clinic-desk"),
    path("sign-in/", signing.sign_in, name="clinic-sign-in"),
    path("sign-out/", signing.sign_out, name="clinic-sign-out"),
    path("details/", desk.details, name="clinic-details"),
    path("people/", people.people, name="clinic-people"),
    path("people/<int:number>/", people.colleague, name="clinic-colleague"),
    path("print/<slug:slug>/", printing.print_handout, name="clinic-print"),
    path("packs/", packs.pack_list, name="clinic-packs"),
    path("packs/new/", packs.pack_new, name="clinic-pack-new"),
    path("packs/<int:number>/", packs.pack_edit, name="clinic-pack"),
    path("packs/<int:number>/print/", printing.print_whole_pack, name="clinic-pack-print"),
    path("printed/", desk.printed, name="clinic-printed"),
    path("printed/<slug:code>/", printing.copy_detail, name="clinic-copy"),
    path("printed/<slug:code>.pdf", printing.copy_file, name="clinic-copy-pdf"),
    path("bin/", desk.to_bin, name="clinic-bin"),
    path("bin/<slug:code>/", recalls.answer, name="clinic-bin-answer"),
    path("recalls/", recalls.feed_settings, name="clinic-recalls"),
    path("recalls/mailbox/", recalls.mailbox, name="clinic-recall-mailbox"),
    path("recalls/webhook/", recalls.webhook, name="clinic-recall-webhook"),
    path("recalls/receipts/", recalls.receipt_key, name="clinic-receipt-key"),
    path("recalls/answer/<str:token>/", recalls.answer_by_link, name="clinic-recall-link"),
    path("recalls/<str:key>/<str:code>/", receipts.receipt, name="clinic-receipt"),
    path("mailbox/<str:token>/", recalls.agree, name="clinic-mailbox"),
    path("recalls/<slug:key>.atom", recalls.feed, name="clinic-recall-feed"),
    path("counts/", desk.counts, name="clinic-counts"),
]
