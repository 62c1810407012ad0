"""Who and where: the home of divisions, organisations, sites, people and office."""

from services.chassis import Service

registry = Service("registry")
