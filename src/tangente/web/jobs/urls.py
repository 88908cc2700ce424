"""Addresses of jobs."""

from django.urls import path

from tangente.web.jobs import views

inside = [
    path("jobs/", views.job_list, name="job_list"),
    path("jobs/<int:pk>/", views.job_show, name="job_show"),
    path("jobs/<int:pk>/retry/", views.job_retry, name="job_retry"),
]
