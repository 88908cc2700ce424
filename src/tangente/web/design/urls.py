"""The address of the sample page."""

from django.urls import path

from tangente.web.design import views

outside = [path("design/", views.design, name="design")]
