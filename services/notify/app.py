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
from services.notify.webhooks import earlier, leaving
from services.notify.webhooks import handlers as endpoints
from services.notify.webhooks import worker as webhooks
from services.notify.webhooks.addresses import guard, read_allowed
from services.notify.webhooks.sealing import FILE, strongbox


def build_app(settings: Settings) -> ServiceApp:
    own = NotifySettings(**settings.model_dump())
    guard.allowed = read_allowed(own.webhook_allow)
    strongbox.at(own.secrets_dir / FILE)
    return ServiceApp(
        notify,
        own,
        capabilities=[
            replicas,
            notices,
            delivery,
            inbox,
            endpoints,
            leaving,
            earlier,
            webhooks,
            consents,
            rights,
            wards,
        ],
    )


if __name__ == "__main__":
    build_app(NotifySettings()).serve()
