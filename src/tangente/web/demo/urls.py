"""The address of the demo."""

from django.urls import path

from tangente.web.demo import views

outside = [path("demo/<str:token>/", views.demo, name="demo")]
