"""Every address: what is open to all, then one path for each workspace."""

from django.urls import include, path

from tangente.web.data.urls import inside as data
from tangente.web.demo.urls import outside as demo
from tangente.web.design.urls import outside as design
from tangente.web.finding import find
from tangente.web.jobs.urls import inside as jobs
from tangente.web.overview.urls import inside as overview
from tangente.web.people.urls import inside as people
from tangente.web.people.urls import outside
from tangente.web.probes import health, ready

urlpatterns = [
    path("health", health, name="health"),
    path("ready", ready, name="ready"),
    *outside,
    *demo,
    *design,
    path("w/<slug:slug>/", include([*overview, *data, *jobs, *people, path("find/", find, name="find")])),
]

handler500 = "tangente.web.unavailable.broken"
