"""Addresses of data."""

from django.urls import path

from tangente.web.data import views

inside = [
    path("data/", views.data, name="data"),
    path("data/<int:pk>/refused.csv", views.data_refused, name="data_refused"),
    path("data/<int:pk>/mapping.toml", views.data_mapping, name="data_mapping"),
]
