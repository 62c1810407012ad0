"""notify as a process: settings and capabilities, nothing else."""

from services.chassis.app import ServiceApp
from services.chassis.settings import Settings
from services.notify import notify, replicas
from services.notify.consents import handlers as consents
from services.notify.delivery import worker as delivery
from services.notify.inbox import handlers as inbox
from services.notify.notices import handlers as notices
from services.notify.rights import handlers as rights
from services.notify.rights import wards
from services.notify.settings import NotifySettings
from services.notify.webhooks import handlers as endpoints
from services.notify.webhooks import worker as webhooks
from services.notify.webhooks.addresses import guard, read_allowed


def build_app(settings: Settings) -> ServiceApp:
    own = NotifySettings(**settings.model_dump())
    guard.allowed = read_allowed(own.webhook_allow)
    return ServiceApp(
        notify, own, capabilities=[replicas, notices, delivery, inbox, endpoints, webhooks, consents, rights, wards]
    )


if __name__ == "__main__":
    build_app(NotifySettings()).serve()
