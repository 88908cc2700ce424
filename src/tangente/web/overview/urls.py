"""Addresses of the overview."""

from django.urls import path

from tangente.web.overview import views

inside = [
    path("", views.overview, name="overview"),
    path("overview/<slug:table>.<slug:kind>", views.overview_table, name="overview_table"),
]
