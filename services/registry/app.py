"""registry as a process: settings and capabilities, nothing else."""

from services.chassis.app import ServiceApp
from services.chassis.settings import Settings
from services.registry import registry
from services.registry.units import handlers as units


def build_app(settings: Settings) -> ServiceApp:
    return ServiceApp(registry, settings, capabilities=[units])


if __name__ == "__main__":
    build_app(Settings()).serve()
